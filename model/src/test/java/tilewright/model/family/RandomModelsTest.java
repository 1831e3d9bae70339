package tilewright.model.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Tensor64;

class RandomModelsTest {
    @TempDir
    private Path temporary;

    @Test
    void theEdgeMoeShapeHasItsPublishedSizes() {
        RandomModels.write(temporary, RandomModels.shape("edge-moe"));
        try (LoadedModel model = Families.load(temporary)) {
            long parameters = model.graph().parameters().values().stream()
                    .mapToLong(parameter -> parameter.elements())
                    .sum();
            // arXiv 2305.18691: 17.98 M parameters, 129 tokens of width 192 after 12 blocks.
            assertEquals(17.98e6, parameters, 0.005e6);
            assertEquals(
                    "[batch, 129, 192]", model.graph().types().get("block11").toString());
            assertEquals(List.of("semseg", "depth"), model.graph().tasks());
        }
    }

    @Test
    void activationsOfTheSmallShapesStayNearOne() {
        for (String shape : List.of("tiny", "tiny-m3vit")) {
            RandomModels.write(temporary.resolve(shape), RandomModels.shape(shape));
            try (LoadedModel model = Families.load(temporary.resolve(shape))) {
                assertEquals(List.of(), model.warnings());
                Tensor64 pixels = Tensor64.zeros(3, model.channels(), model.height(), model.width());
                SplittableRandom random = new SplittableRandom(5);
                Arrays.setAll(pixels.data(), i -> random.nextInt(256));
                for (String task : model.graph().tasks()) {
                    Graph graph = model.graph().forTask(task);
                    Tensor64 last = Interpreter.run(graph, Map.of("pixels", pixels), List.of("block1"))
                            .get("block1");
                    double meanSquare =
                            Arrays.stream(last.data()).map(x -> x * x).average().orElseThrow();
                    assertTrue(meanSquare > 0.2 && meanSquare < 20, shape + " has mean square " + meanSquare);
                }
            }
        }
    }

    @Test
    void equalSeedsGiveEqualBytesAndOtherSeedsOtherBytes() throws IOException {
        RandomModels.Spec spec = RandomModels.shape("tiny");
        RandomModels.write(temporary.resolve("a"), spec);
        RandomModels.write(temporary.resolve("b"), spec);
        RandomModels.write(temporary.resolve("c"), spec.withSeed(2));
        for (String file : List.of("config.json", "model.safetensors")) {
            assertArrayEquals(bytes("a", file), bytes("b", file), file);
            assertFalse(Arrays.equals(bytes("a", file), bytes("c", file)), file);
        }
    }

    private byte[] bytes(String folder, String file) throws IOException {
        return Files.readAllBytes(temporary.resolve(folder).resolve(file));
    }

    @Test
    void anUnknownShapeIsRefusedWithThoseThatExist() {
        assertEquals(
                "there is no model shape 'edge-mo'; shapes are edge-moe, moe-vit-100m, tiny, tiny-m3vit; did you mean"
                        + " 'edge-moe'?",
                assertThrows(InvalidInputException.class, () -> RandomModels.shape("edge-mo"))
                        .getMessage());
    }

    @Test
    void aFolderThatIsNotEmptyIsLeftAlone() throws IOException {
        Files.writeString(temporary.resolve("notes.txt"), "mine");
        assertEquals(
                temporary + ": the folder is not empty; give a new one",
                assertThrows(
                                InvalidInputException.class,
                                () -> RandomModels.write(temporary, RandomModels.shape("tiny")))
                        .getMessage());
        assertFalse(Files.exists(temporary.resolve("config.json")));
    }
}
