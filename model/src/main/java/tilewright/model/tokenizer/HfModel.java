package tilewright.model.tokenizer;

import java.util.List;
import tilewright.model.InvalidInputException;

/** The {@code model} of a {@code tokenizer.json}: turns words into ids. */
interface HfModel {
    List<String> KINDS = List.of("BPE", "Unigram", "WordPiece", "WordLevel");

    /**
     * Appends the ids of a word, which is not empty.
     *
     * @throws InvalidInputException if it holds what is no token and the model has none for the unknown
     */
    void encode(String word, IntList ids);

    /** Makes the model of a file; files of before 2020 do not name its kind. */
    static HfModel of(HfFile file, TokenMap tokens) {
        JsonValue json = file.root().get("model");
        if (!json.isObject()) {
            throw json.unexpected("an object");
        }
        String type = json.get("type").text(guess(file, json));
        return switch (type) {
            case "BPE" -> new HfBpe(file, tokens);
            case "Unigram" -> new HfUnigram(file, tokens);
            case "WordPiece" -> new HfWordPiece(file, tokens);
            case "WordLevel" -> new HfWordLevel(file, tokens);
            default -> throw HfKinds.unknown(json, KINDS);
        };
    }

    private static String guess(HfFile file, JsonValue json) {
        if (!file.merges().isEmpty()) {
            return "BPE";
        }
        if (file.scores().length > 0) {
            return "Unigram";
        }
        return json.get("continuing_subword_prefix").isPresent() ? "WordPiece" : "WordLevel";
    }

    /** The id of the unknown token that the model names; -1 if it names none. */
    static int unknown(JsonValue json, TokenMap tokens) {
        JsonValue unknown = json.get("unk_token");
        return unknown.isPresent() ? tokens.id(unknown.text()) : TokenMap.NONE;
    }

    /** The ids of the 256 byte tokens; -1 where there is none. */
    static int[] byteTokens(TokenMap tokens) {
        int[] ids = new int[256];
        for (int value = 0; value < 256; value++) {
            ids[value] = tokens.id(ByteTokens.text(value));
        }
        return ids;
    }

    /** Appends the byte tokens of a text; false, and nothing is appended, if one of them is missing. */
    static boolean spell(String text, int[] byteTokens, IntList ids) {
        byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (byte value : bytes) {
            if (byteTokens[value & 0xFF] < 0) {
                return false;
            }
        }
        for (byte value : bytes) {
            ids.add(byteTokens[value & 0xFF]);
        }
        return true;
    }

    /** A refusal of text that the vocabulary cannot express. */
    static InvalidInputException inexpressible(String file, String text) {
        return new InvalidInputException(file + ": " + InvalidInputException.quoted(text)
                + " is not in the vocabulary, and there is no token for the unknown; give text that the model was"
                + " trained on");
    }
}
