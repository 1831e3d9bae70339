package tilewright.compiler.cli.language;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A byte-level BPE vocabulary of any size for models that were never trained: an end token, the 256 bytes, pairs of letters,
 * and pairs of these pairs.
 *
 * @param tokens by id, in the letters that stand for bytes
 * @param merges in order of priority
 */
record SyntheticVocabulary(List<String> tokens, List<String> merges) {
    /** The token that begins and ends texts. */
    static final String END = "<|endoftext|>";

    private static final int BYTES = 256;

    /** A vocabulary of {@code size} tokens, from 257 to 457 490. */
    static SyntheticVocabulary of(int size) {
        List<String> tokens = new ArrayList<>(List.of(END));
        List<String> merges = new ArrayList<>();
        int moved = 0;
        for (int value = 0; value < BYTES; value++) {
            // GPT-2's letters: printable bytes stand for themselves, the others for letters from U+0100 on.
            boolean printable = value >= '!' && value <= '~' || value >= 0xa1 && value != 0xad;
            tokens.add(Character.toString(printable ? value : BYTES + moved++));
        }
        List<String> pairs = new ArrayList<>();
        for (char first = 'a'; first <= 'z'; first++) {
            for (char second = 'a'; second <= 'z'; second++) {
                pairs.add("" + first + second);
            }
        }
        for (int i = 0; i < pairs.size() && tokens.size() < size; i++) {
            tokens.add(pairs.get(i));
            merges.add(pairs.get(i).charAt(0) + " " + pairs.get(i).charAt(1));
        }
        for (int i = 0; i < pairs.size() * pairs.size() && tokens.size() < size; i++) {
            String first = pairs.get(i / pairs.size());
            String second = pairs.get(i % pairs.size());
            tokens.add(first + second);
            merges.add(first + " " + second);
        }
        return new SyntheticVocabulary(List.copyOf(tokens), List.copyOf(merges));
    }

    /** The content of a {@code tokenizer.json}. */
    ObjectNode json() {
        ObjectNode root = new ObjectMapper().createObjectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        root.putArray("added_tokens")
                .addObject()
                .put("id", 0)
                .put("content", END)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
        root.putNull("normalizer");
        for (String part : List.of("pre_tokenizer", "decoder")) {
            root.putObject(part)
                    .put("type", "ByteLevel")
                    .put("add_prefix_space", false)
                    .put("trim_offsets", true)
                    .put("use_regex", true);
        }
        root.putNull("post_processor");
        ObjectNode model = root.putObject("model");
        model.put("type", "BPE");
        model.putNull("dropout");
        model.putNull("unk_token");
        model.putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        model.put("fuse_unk", false);
        model.put("byte_fallback", false);
        ObjectNode ids = model.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            ids.put(tokens.get(id), id);
        }
        ArrayNode ranks = model.putArray("merges");
        merges.forEach(ranks::add);
        return root;
    }
}
