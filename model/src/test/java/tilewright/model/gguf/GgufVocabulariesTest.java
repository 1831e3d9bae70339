package tilewright.model.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.tensor.GoldenData;

/** Published vocabularies; their sizes are those of the models' configurations. */
class GgufVocabulariesTest {
    @ParameterizedTest
    @CsvSource({
        "bert-bge,bert,bert,30522",
        "deepseek-coder,llama,gpt2,32256",
        "gpt-2,gpt2,gpt2,50257",
        "llama-bpe,llama,gpt2,128256",
        "llama-spm,llama,llama,32000",
        "phi-3,phi3,llama,32064",
        "qwen2,qwen2,gpt2,151936",
        "starcoder,starcoder2,gpt2,49152"
    })
    void publishedVocabulariesAreRead(String name, String architecture, String kind, int tokens) {
        Path file = GoldenData.folder().resolve("tokenizers/ggml-vocab-" + name + ".gguf");
        try (Gguf vocabulary = Gguf.open(file)) {
            GgufMetadata metadata = vocabulary.metadata();
            assertEquals(architecture, metadata.string(GgufMetadata.ARCHITECTURE));
            assertEquals(kind, metadata.string("tokenizer.ggml.model"));
            List<String> texts = metadata.strings("tokenizer.ggml.tokens");
            assertEquals(tokens, texts.size());
            assertEquals(tokens, texts.stream().distinct().count());
            assertEquals(tokens, metadata.integers("tokenizer.ggml.token_type").length);
            if (metadata.has("tokenizer.ggml.merges")) {
                assertTrue(metadata.strings("tokenizer.ggml.merges").stream().allMatch(merge -> merge.contains(" ")));
            }
            assertTrue(vocabulary.names().isEmpty());
        }
    }
}
