package tilewright.model.tokenizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.model.InvalidInputException;
import tilewright.model.gguf.GgufMetadata;
import tilewright.model.tensor.NearestName;

/** Makes the tokenizer that a GGUF file's vocabulary is for. */
final class GgufVocabularies {
    private static final List<String> MODELS = List.of("gpt2", "gemma4", "llama", "bert", "t5", "rwkv");

    private GgufVocabularies() {}

    static Tokenizer tokenizer(GgufMetadata metadata) {
        GgufVocabulary vocabulary = GgufVocabulary.of(metadata);
        return switch (vocabulary.model()) {
            case "gpt2" -> {
                String pre = vocabulary.pre().isEmpty() ? "default" : vocabulary.pre();
                yield new GgufBpe(vocabulary, PreTokenization.named(pre, vocabulary.place()));
            }
            case "gemma4" -> new GgufBpe(withBos(vocabulary), PreTokenization.named("gemma4", vocabulary.place()));
            case "llama" -> new GgufSentencePiece(vocabulary);
            case "bert" -> new GgufWordPiece(vocabulary);
            case "t5" -> new GgufUnigram(vocabulary);
            case "rwkv" -> new GgufRwkv(vocabulary);
            default ->
                throw new InvalidInputException(vocabulary.place() + ": metadata 'tokenizer.ggml.model' is "
                        + InvalidInputException.quoted(vocabulary.model()) + ", expected one of "
                        + String.join(", ", MODELS) + NearestName.hint(vocabulary.model(), MODELS));
        };
    }

    /** Published files of Gemma 4 say that they add none, and yet the model needs one. */
    private static GgufVocabulary withBos(GgufVocabulary given) {
        Map<String, Boolean> flags = new LinkedHashMap<>(given.flags());
        flags.put("add_bos_token", true);
        return new GgufVocabulary(
                given.place(),
                given.model(),
                given.pre(),
                given.modelName(),
                given.architecture(),
                given.tokens(),
                given.scores(),
                given.types(),
                given.merges(),
                given.charsmap(),
                given.ids(),
                flags);
    }
}
