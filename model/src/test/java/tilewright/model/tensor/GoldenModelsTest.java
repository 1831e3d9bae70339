package tilewright.model.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The reader against models and shape lists written by other programs. */
class GoldenModelsTest {
    private Path golden;

    @BeforeEach
    void findGoldenData() {
        golden = GoldenData.folder();
    }

    @Test
    void everyArchitectureOpensAndHasTheShapesAndSizesThatItsAuthorNoted() throws IOException {
        int models = 0;
        try (Stream<Path> folders = Files.list(golden.resolve("arch-zoo"))) {
            for (Path folder : folders.sorted().toList()) {
                JsonNode info =
                        new ObjectMapper().readTree(folder.resolve("info.json").toFile());
                try (TensorSource model = Safetensors.open(folder);
                        TensorSource outputs = Safetensors.open(folder.resolve("golden.safetensors"))) {
                    long elements = model.names().stream()
                            .mapToLong(name -> model.info(name).elements())
                            .sum();
                    assertTrue(elements >= info.get("params").asLong(), folder + ": parameters and buffers");
                    for (var entry : info.get("golden").properties()) {
                        assertEquals(
                                longs(entry.getValue()),
                                outputs.info(entry.getKey()).shape(),
                                folder + " " + entry.getKey());
                        assertEquals(
                                outputs.info(entry.getKey()).elements(), outputs.finiteFloats(entry.getKey()).length);
                    }
                }
                models++;
            }
        }
        assertTrue(models >= 30, models + " models");
    }

    @Test
    void theShardedModelHoldsTheParametersThatItsIndexCounts() throws IOException {
        Path folder = golden.resolve("moe-lm/hf");
        JsonNode index = new ObjectMapper()
                .readTree(folder.resolve("model.safetensors.index.json").toFile());
        try (TensorSource model = Safetensors.open(folder)) {
            assertEquals(index.get("weight_map").size(), model.names().size());
            assertEquals(
                    index.get("metadata").get("total_size").asLong(),
                    model.names().stream()
                            .mapToLong(name -> model.info(name).bytes())
                            .sum());
            assertEquals(DType.BF16, model.info("model.embed_tokens.weight").dtype());
        }
    }

    private static List<Long> longs(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asLong)
                .toList();
    }
}
