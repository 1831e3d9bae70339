package tilewright.compiler.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.Progress;
import tilewright.compiler.SharedData;
import tilewright.compiler.build.ModelTasks;
import tilewright.compiler.pass.TaskSpecialisation;
import tilewright.hw.program.GoldenMachine;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.TaskProgram;
import tilewright.model.data.ImageSet;
import tilewright.model.family.ImageGeometry;
import tilewright.model.family.RandomModels;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Node;
import tilewright.model.graph.Router;
import tilewright.model.graph.Tensor64;

/** Whole models in integers against the float64 interpreter of the graphs as read, before any pass. */
class QuantiserTest {
    private static final int CALIBRATION = 12;
    private static final int TRIALS = 8;

    @TempDir
    static Path folder;

    private static ModelTasks tiny;
    private static ModelTasks tinyM3Vit;

    @BeforeAll
    static void openModels() {
        tiny = open("tiny");
        tinyM3Vit = open("tiny-m3vit");
    }

    private static ModelTasks open(String shape) {
        RandomModels.write(folder.resolve(shape), RandomModels.shape(shape));
        return ModelTasks.open(folder.resolve(shape), null, 1);
    }

    @AfterAll
    static void closeModels() {
        tiny.close();
        tinyM3Vit.close();
    }

    /** Smooth images: random brightness, gradients and a spot. */
    static ImageSet images(ImageGeometry geometry, int count, long seed) {
        Random random = new Random(seed);
        byte[] pixels = new byte[count * geometry.channels() * geometry.height() * geometry.width()];
        int plane = geometry.height() * geometry.width();
        for (int from = 0; from < pixels.length; from += plane) {
            double level = random.nextInt(256);
            double down = random.nextGaussian() * 100;
            double across = random.nextGaussian() * 100;
            for (int i = 0; i < plane; i++) {
                double y = (double) (i / geometry.width()) / geometry.height() - 0.5;
                double x = (double) (i % geometry.width()) / geometry.width() - 0.5;
                double value = level + down * y + across * x + random.nextGaussian() * 20;
                pixels[from + i] = (byte) Math.round(Math.max(0, Math.min(255, value)));
            }
        }
        return ImageSet.of("drawn", geometry.channels(), geometry.height(), geometry.width(), pixels, null);
    }

    private static QuantisedModel quantise(ModelTasks model, int bits) {
        ImageSet images = images(model.model().image(), CALIBRATION, 1);
        return new Quantiser(model.tasks(), images, new IntegerFormat(bits), Progress.NONE).quantise("test");
    }

    private static Map<String, Tensor64> interpret(ModelTasks model, String task, ImageSet images, int image) {
        Graph graph = model.model().graph();
        Graph whole = graph.tasks().isEmpty() ? graph : new TaskSpecialisation(task).apply(graph);
        List<String> fetch = new ArrayList<>(List.of(whole.outputs().get(task)));
        for (Node node : whole.nodes()) {
            if (node.op() instanceof Router) {
                fetch.add(node.outputs().getFirst());
            }
        }
        int[] dims = {1, images.channels(), images.height(), images.width()};
        return Interpreter.run(whole, Map.of("pixels", Tensor64.of(dims, images.floats(image))), fetch);
    }

    /** Relative L2 errors of one task's outputs, image by image, where both route every token to the same experts. */
    private static List<Double> errors(ModelTasks model, QuantisedModel quantised, String task) {
        ImageSet images = images(model.model().image(), TRIALS, 2);
        TaskProgram steps = quantised.program().task(task);
        GoldenMachine machine = new GoldenMachine(quantised.program());
        List<Double> errors = new ArrayList<>();
        for (int i = 0; i < TRIALS; i++) {
            Map<String, Tensor64> expected = interpret(model, task, images, i);
            int[] found = machine.run(steps, images.image(i));
            double[] ids = expected.entrySet().stream()
                    .filter(entry -> entry.getKey().endsWith(".ids"))
                    .flatMapToDouble(entry -> Arrays.stream(entry.getValue().data()))
                    .toArray();
            if (ids.length > 0) {
                double[] routed =
                        Arrays.stream(machine.routing().ids()).asDoubleStream().toArray();
                if (!Arrays.equals(ids, routed)) {
                    continue;
                }
            }
            String output = model.model().graph().outputs().get(task);
            double[] exact = expected.get(output).data();
            assertEquals(exact.length, found.length, output);
            double difference = 0;
            double power = 0;
            for (int j = 0; j < exact.length; j++) {
                difference += Math.pow(found[j] * steps.result().scale() - exact[j], 2);
                power += exact[j] * exact[j];
            }
            errors.add(Math.sqrt(difference / power));
        }
        return errors;
    }

    private static double root(List<Double> errors) {
        return Math.sqrt(
                errors.stream().mapToDouble(error -> error * error).average().orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({"8, 0.05", "16, 0.0005"})
    void randomMixturesOfExpertsComeNearTheFloatModel(int bits, double bound) {
        for (ModelTasks model : List.of(tiny, tinyM3Vit)) {
            QuantisedModel quantised = quantise(model, bits);
            for (TaskModel task : model.tasks()) {
                List<Double> errors = errors(model, quantised, task.task());
                assertTrue(errors.size() >= TRIALS / 2, "too many tokens change their experts: " + errors);
                assertTrue(root(errors) < bound, task.task() + ": " + errors);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"topk_then_softmax, false, 8", "softmax_then_topk, true, 8", "topk_then_softmax, true, 16"})
    void weightsThatSumToOneComeNearTheFloatModel(String router, boolean renormalise, int bits) throws IOException {
        Path copy = folder.resolve(router + renormalise);
        RandomModels.write(copy, RandomModels.shape("tiny"));
        ObjectMapper json = new ObjectMapper();
        ObjectNode config =
                (ObjectNode) json.readTree(copy.resolve("config.json").toFile());
        config.put("router", router).put("norm_topk_prob", renormalise);
        json.writeValue(copy.resolve("config.json").toFile(), config);
        try (ModelTasks model = ModelTasks.open(copy, null, 1)) {
            QuantisedModel quantised = quantise(model, bits);
            for (TaskModel task : model.tasks()) {
                List<Double> errors = errors(model, quantised, task.task());
                assertTrue(errors.size() >= TRIALS / 2, "too many tokens change their experts: " + errors);
                assertTrue(root(errors) < (bits == 8 ? 0.05 : 0.0005), task.task() + ": " + errors);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"vit, 8, 0.05", "vit, 16, 0.0005", "deit, 8, 0.05", "deit, 16, 0.0005"})
    void transformersAsPublishedComeNearTheFloatModel(String name, int bits, double bound) {
        Path path = SharedData.golden("arch-zoo").resolve(name);
        try (ModelTasks model = ModelTasks.open(path, null, 1)) {
            List<Double> errors = errors(model, quantise(model, bits), "logits");
            assertEquals(TRIALS, errors.size());
            assertTrue(root(errors) < bound, name + ": " + errors);
        }
    }

    @Test
    void thePolicyWithTheLeastOutputErrorIsKept() {
        QuantisedModel quantised = quantise(tiny, 8);
        Map<ScalePolicy, Double> errors = quantised.outputErrors();

        assertEquals(List.of(ScalePolicy.values()), List.copyOf(errors.keySet()));
        assertEquals(
                errors.values().stream().mapToDouble(error -> error).min().orElseThrow(),
                errors.get(quantised.policy()));
        assertEquals(CALIBRATION, quantised.images());
    }

    @Test
    void theSameImagesGiveTheSameScalesHoweverWarmTheMachineAndHoweverManyItsThreads() {
        String first = quantise(tiny, 8).tensors().toString();
        // By then the float kernels have been compiled, which must not change what they compute.
        for (int i = 0; i < 30; i++) {
            assertEquals(first, quantise(tiny, 8).tensors().toString(), "run " + i);
        }
        try (ModelTasks threads = ModelTasks.open(folder.resolve("tiny"), null, 3)) {
            assertEquals(first, quantise(threads, 8).tensors().toString(), "three threads");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void theTensorsListedAreThoseThatTheDesignQuantises(int bits) {
        Set<String> expected = new TreeSet<>(List.of("embed", "norm", "digit", "edge", "block0.act"));
        for (String block : List.of("block0", "block1")) {
            expected.add(block);
            Stream.of("norm1", "q", "k", "v", "attention", "mid", "norm2")
                    .forEach(value -> expected.add(block + "." + value));
        }
        expected.add("block1.experts.hidden");
        if (bits == 8) {
            // At 16 bits the activation's input is a fixed-point number, which needs no calibration.
            expected.addAll(List.of("block0.fc1", "block1.experts.inner"));
        }

        Set<String> found = new TreeSet<>();
        quantise(tiny, bits).tensors().forEach(tensor -> found.add(tensor.name()));

        assertEquals(expected, found);
    }

    @Test
    void theLargestMagnitudesAreThoseOfTheInterpreter() {
        QuantisedModel quantised = quantise(tiny, 8);
        ImageSet images = images(tiny.model().image(), CALIBRATION, 1);
        Graph graph = new TaskSpecialisation("digit").apply(tiny.model().graph());
        List<String> values = List.of("embed", "block0.norm1", "block0.k", "block0.act", "digit");
        double[] largest = new double[values.size()];
        for (int i = 0; i < CALIBRATION; i++) {
            int[] dims = {1, images.channels(), images.height(), images.width()};
            Map<String, Tensor64> found =
                    Interpreter.run(graph, Map.of("pixels", Tensor64.of(dims, images.floats(i))), values);
            for (int v = 0; v < largest.length; v++) {
                for (double x : found.get(values.get(v)).data()) {
                    largest[v] = Math.max(largest[v], Math.abs(x));
                }
            }
        }
        for (int v = 0; v < largest.length; v++) {
            assertEquals(largest[v], tensor(quantised, values.get(v)).largest(), 1e-5 * largest[v], values.get(v));
        }
    }

    private static TensorScale tensor(QuantisedModel quantised, String name) {
        return quantised.tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theRoutersChoicesAreCounted() {
        QuantisedModel quantised = quantise(tiny, 8);
        ImageSet images = images(tiny.model().image(), CALIBRATION, 1);
        for (TaskModel task : tiny.tasks()) {
            long[] counts = new long[4];
            for (int i = 0; i < CALIBRATION; i++) {
                interpret(tiny, task.task(), images, i).forEach((name, tensor) -> {
                    if (name.endsWith(".ids")) {
                        Arrays.stream(tensor.data()).forEach(id -> counts[(int) id]++);
                    }
                });
            }
            Map<String, long[]> routing = quantised.routing().get(task.task());
            assertEquals(List.of("block1.router"), List.copyOf(routing.keySet()));
            assertArrayEquals(counts, routing.get("block1.router"), task.task());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void theResidualStreamAndOutputsHaveTheWideWidth(int bits) {
        QuantisedModel quantised = quantise(tiny, bits);
        int wide = bits == 8 ? 16 : 24;

        assertEquals(wide, tensor(quantised, "block0").bits());
        assertEquals(wide, tensor(quantised, "digit").bits());
        assertEquals(bits, tensor(quantised, "block0.norm2").bits());
        assertEquals(
                quantised.program().task("edge").result().scale(),
                tensor(quantised, "edge").scale());
        Stream.of("embed", "block0.mid", "block0", "block1.mid", "block1")
                .forEach(value -> assertEquals(
                        quantised.program().residual().scale(),
                        tensor(quantised, value).scale(),
                        value));
        for (TensorScale tensor : quantised.tensors()) {
            assertEquals(3, tensor.signalToNoiseDb().size(), tensor.name());
            assertFalse(Double.isNaN(tensor.signalToNoiseDb().get(quantised.policy())), tensor.name());
        }
        assertNotNull(quantised.program().task("digit"));
    }
}
