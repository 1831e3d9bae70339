package tilewright.model.family.language;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Tensor64;
import tilewright.model.tensor.GoldenData;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/** Language models as publications put them into image models: the configuration inside another, names behind a prefix. */
class InsideImageModelsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @CsvSource({
        "llama4_text, llama4, language_model.model., language_model.",
        "aria_text, aria, language_model.model., language_model.",
        "aria_text, aria, model.language_model., ''"
    })
    void aTextModelInsideAnImageModelGivesTheReferenceLogits(
            String sample, String modelType, String prefix, String headPrefix, @TempDir Path folder)
            throws IOException {
        Path source = GoldenData.folder().resolve("arch-zoo").resolve(sample);
        ObjectNode config = JSON.createObjectNode().put("model_type", modelType);
        config.set("text_config", JSON.readTree(source.resolve("config.json").toFile()));
        JSON.writeValue(folder.resolve("config.json").toFile(), config);
        rename(source.resolve("model.safetensors"), folder.resolve("model.safetensors"), prefix, headPrefix);

        try (LoadedLanguageModel loaded = LanguageModels.load(folder);
                TensorSource golden = Safetensors.open(source.resolve("golden.safetensors"))) {
            assertEquals(List.of(), loaded.warnings());
            String logits = loaded.graph().outputs().get("logits");
            Tensor64 found = Interpreter.run(
                            loaded.graph(), Map.of("ids", tensor(golden, "input_ids")), List.of(logits))
                    .get(logits);
            assertArrayEquals(tensor(golden, "logits").data(), found.data(), 1e-4);
        }
    }

    /** A copy whose tensors are called otherwise: {@code model.} becomes the prefix, other names get the head's before them. */
    private static void rename(Path from, Path to, String prefix, String headPrefix) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(from)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[Math.toIntExact(file.getLong())];
        file.get(header);
        ObjectNode renamed = JSON.createObjectNode();
        JSON.readTree(header).properties().forEach(entry -> {
            String name = entry.getKey();
            boolean inside = name.startsWith("model.");
            String other = inside ? prefix + name.substring("model.".length()) : headPrefix + name;
            renamed.set(name.startsWith("__") ? name : other, entry.getValue());
        });
        byte[] written = renamed.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer copy =
                ByteBuffer.allocate(8 + written.length + file.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        copy.putLong(written.length).put(written).put(file);
        Files.write(to, copy.array());
    }

    private static Tensor64 tensor(TensorSource source, String name) {
        TensorInfo info = source.info(name);
        return Tensor64.of(info.shape().stream().mapToInt(Math::toIntExact).toArray(), source.floats(name));
    }
}
