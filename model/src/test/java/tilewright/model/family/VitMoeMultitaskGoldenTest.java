package tilewright.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.data.ImageSet;
import tilewright.model.data.ImageSets;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Tensor64;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;

/** The trained multi-task model in float64 against reference outputs in float32. */
class VitMoeMultitaskGoldenTest {
    private static final double TOLERANCE = 1e-4;
    private static final double NEAR_TIE = 1e-5;
    private static final int IMAGES = 48;
    private static final int BLOCKS = 6;

    private Path folder;
    private LoadedModel model;
    private TensorSource golden;

    @BeforeEach
    void open() {
        folder = Golden.folder("vit-moe-mnist");
        model = Families.load(folder);
        golden = Safetensors.open(folder.resolve("golden.safetensors"));
    }

    @AfterEach
    void close() {
        if (model != null) {
            model.close();
            golden.close();
        }
    }

    @Test
    void itsGeometryAndTasksAreThoseOfTheConfiguration() {
        assertEquals(new ImageGeometry(1, 28, 28, 4), model.image());
        assertEquals(List.of("digit", "edge"), model.graph().tasks());
        assertEquals(List.of(), model.warnings());
        long parameters = model.graph().parameters().values().stream()
                .mapToLong(parameter -> parameter.elements())
                .sum();
        assertEquals(1_249_658, parameters);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void outputsFromRawPixelsAndExpertsAreTheReference(int task) {
        String name = model.graph().tasks().get(task);
        Graph graph = model.graph().forTask(name);
        List<String> fetch = new ArrayList<>(List.of(name));
        for (int block = 1; block < BLOCKS; block += 2) {
            fetch.add("block" + block + ".router.ids");
        }
        ImageSet images = ImageSets.open(folder.resolve("test512-images-idx3-ubyte"));
        Tensor64 pixels = Tensor64.zeros(IMAGES, 1, 28, 28);
        for (int i = 0; i < IMAGES; i++) {
            byte[] image = images.image(i);
            for (int p = 0; p < image.length; p++) {
                pixels.data()[i * image.length + p] = Byte.toUnsignedInt(image[p]);
            }
        }
        Map<String, Tensor64> found = Interpreter.run(graph, Map.of("pixels", pixels), fetch);
        double[] margins =
                Golden.tensor(golden, "task" + task + ".min_router_margin").data();
        int held = 0;
        for (int i = 0; i < IMAGES; i++) {
            if (margins[i] <= NEAR_TIE) {
                continue;
            }
            held++;
            Golden.assertClose(
                    image(Golden.tensor(golden, "task" + task + ".out"), i),
                    image(found.get(name), i),
                    TOLERANCE,
                    name + " of image " + i);
            for (int block = 1; block < BLOCKS; block += 2) {
                Golden.assertClose(
                        image(Golden.tensor(golden, "task" + task + ".block" + block + ".topk_ids"), i),
                        image(found.get("block" + block + ".router.ids"), i),
                        0,
                        "experts of block " + block + ", image " + i);
            }
        }
        assertTrue(held >= 16, held + " images without a near-tie");
    }

    private static Tensor64 image(Tensor64 batch, int index) {
        int size = batch.data().length / batch.dim(0);
        return new Tensor64(new int[] {size}, Arrays.copyOfRange(batch.data(), index * size, (index + 1) * size));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void everyBlockOfTheFirstFourImagesIsTheReference(int task) {
        Graph graph = model.graph().forTask(model.graph().tasks().get(task));
        List<String> fetch = new ArrayList<>(List.of("embed"));
        for (int block = 0; block < BLOCKS; block++) {
            fetch.add("block" + block);
        }
        for (int block = 1; block < BLOCKS; block += 2) {
            fetch.add("block" + block + ".router.weights");
        }
        Map<String, Tensor64> found =
                Interpreter.run(graph, Map.of("pixel_values", Golden.tensor(golden, "pixel_values4")), fetch);
        for (String value : fetch) {
            String reference = value.replace(".router.weights", ".topk_weight");
            Golden.assertClose(
                    Golden.tensor(golden, "task" + task + ".act4." + reference), found.get(value), TOLERANCE, value);
        }
    }

    @Test
    void aBlockCanBeRunAloneFromItsReferenceInput() {
        Graph graph = model.graph().forTask("digit");
        Map<String, Tensor64> found =
                Interpreter.run(graph, Map.of("block2", Golden.tensor(golden, "task0.act4.block2")), List.of("block3"));
        Golden.assertClose(Golden.tensor(golden, "task0.act4.block3"), found.get("block3"), TOLERANCE, "block3");
    }
}
