package tilewright.edge.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tilewright.edge.matrix.ActivationPrecision;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Embed;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.graph.Experts;
import tilewright.model.graph.Graph;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Multiply;
import tilewright.model.graph.Normalize;
import tilewright.model.graph.ParameterData;
import tilewright.model.graph.Rope;
import tilewright.model.graph.RopeFrequencies;
import tilewright.model.graph.RopeSettings;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.RouterSettings.Capacity;
import tilewright.model.graph.Scale;
import tilewright.model.graph.Type;
import tilewright.model.tensor.DType;

/** What is particular in graphs: stored weights, values of parameters alone, settings that see the whole sequence. */
class SpecialGraphsTest {
    private static float[][] whole(Graph graph, int[] ids, EngineOptions options) {
        try (LanguageEngine engine = LanguageEngine.load(graph, options)) {
            return TestGraph.run(engine, engine.newSequence(), ids, ids.length);
        }
    }

    private static String stored(TestGraph g, String name, DType format, int rows, int width) {
        float[] values = new float[rows * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (g.random.nextGaussian() / Math.sqrt(width));
        }
        byte[] bytes = new byte[Math.toIntExact(format.bytesFor(values.length))];
        MemorySegment segment = MemorySegment.ofArray(bytes);
        format.codec().encode(values, 0, values.length, segment, 0);
        EncodedMatrix whole = new EncodedMatrix(format, rows, width, segment);
        // In two parts, as a concatenation would be.
        return g.graph.parameter(
                name,
                Type.f32(rows, width),
                ParameterData.stored(List.of(whole.slice(0, rows / 2), whole.slice(rows / 2, rows - rows / 2))));
    }

    private static Graph quantised(DType format) {
        TestGraph g = new TestGraph(3, 40);
        String table = stored(g, "table", format, 40, 256);
        String x = g.graph.add("embed", new Embed(), "ids", table);
        String up = g.add("up", new Linear(), x, stored(g, "up.weight", format, 70, 256));
        String act = g.add("act", new Activate(Activation.SILU), up);
        String pad = g.add("down", new Linear(), act, g.matrix("down.weight", 256, 70));
        String sum = g.add("sum", new Add(), x, pad);
        String norm = g.add("norm", new LayerNorm(1e-5), sum);
        // The head shares the table.
        return g.build(g.add("logits", new Linear(), norm, table));
    }

    @Test
    void storedWeightsAreReadAsTheyAreAndATableMayServeAsTheHead() {
        int[] ids = new Random(1).ints(30, 0, 40).toArray();
        for (DType format : List.of(DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q4_K)) {
            Graph graph = quantised(format);
            TestGraph.assertEveryWayAgrees(graph, ids, new int[] {1, 2, 3}, 1e-5, false);
            double[][] expected = TestGraph.expected(graph, ids);
            try (LanguageEngine engine =
                    LanguageEngine.load(graph, TestGraph.exact().withActivations(ActivationPrecision.INT8))) {
                float[][] rounded = TestGraph.run(engine, engine.newSequence(), ids, 1);
                TestGraph.assertAgrees(expected, rounded, 2e-2, format + " with 8-bit activations");
            }
        }
    }

    @Test
    void valuesOfParametersAloneAreComputedOnce() {
        TestGraph g = new TestGraph(3, 40);
        String x = g.values(12).getFirst();
        String scaled = g.add("doubled", new Scale(2), g.weight("weight", 0.2, 12, 12));
        String gain = g.add("gain", new Activate(Activation.SOFTPLUS), g.weight("raw", 1, 12));
        String y = g.add("y", new Linear(), x, scaled);
        TestGraph.assertEveryWayAgrees(
                g.build(g.add("z", new Multiply(), y, gain)), new int[] {1, 2, 3, 4, 5}, new int[] {7}, 1e-5, false);
    }

    @Test
    void frequenciesByLengthAreThoseOfTheSequenceAfterTheStep() {
        RopeFrequencies.Fixed near = RopeFrequencies.Fixed.of(100, 8);
        RopeFrequencies.Fixed far =
                new RopeFrequencies.Fixed(RopeFrequencies.Fixed.of(900, 8).inverse(), 1.1);
        for (RopeFrequencies frequencies :
                List.of(new RopeFrequencies.ByLength(near, far, 20), new RopeFrequencies.Dynamic(100, 4, 2, 20))) {
            TestGraph g = new TestGraph(3, 40);
            String x = g.values(16).getFirst();
            Graph graph = g.build(g.add(
                    "rope", new Rope(RopeSettings.wholeHeads(2, 8, RopeSettings.Pairing.HALVES, frequencies)), x));
            for (int length : new int[] {20, 21, 50}) {
                int[] ids = new Random(length).ints(length, 0, 16).toArray();
                float[][] found = whole(graph, ids, TestGraph.exact().withPrefillTokens(7));
                TestGraph.assertAgrees(TestGraph.expected(graph, ids), found, 1e-5, frequencies + " of " + length);
            }
        }
    }

    @Test
    void capacityCountsTheTokensOfEachSequenceInOnePass() {
        for (boolean before : new boolean[] {false, true}) {
            TestGraph g = new TestGraph(3, 40);
            String x = g.values(16).getFirst();
            RouterSettings settings =
                    RouterSettings.softmaxThenTopK(4, 2, List.of()).with(new Capacity(5, 0.4, before));
            g.graph.add("router", new Router(settings), List.of(x, g.weight("gate", 1, 4, 16)), List.of("e", "w"));
            g.graph.add("dispatch", new Dispatch(4), List.of(x, "e"), List.of("queue", "offsets", "slots"));
            String out = g.add(
                    "experts",
                    new Experts(Activation.RELU),
                    "queue",
                    "offsets",
                    g.matrix("fc1", 4, 8, 16),
                    g.matrix("fc2", 4, 16, 8));
            Graph graph = g.build(g.add("moe", new Combine(2), out, "slots", "w"));
            int[] one = new Random(1).ints(30, 0, 16).toArray();
            int[] two = new Random(2).ints(9, 0, 16).toArray();
            try (LanguageEngine engine = LanguageEngine.load(graph, TestGraph.exact())) {
                Logits both = engine.step(Chunk.all(engine.newSequence(), one), Chunk.all(engine.newSequence(), two));
                float[][] rows = new float[39][];
                for (int row = 0; row < 39; row++) {
                    rows[row] = both.row(row);
                }
                double[][] expected = new double[39][];
                System.arraycopy(TestGraph.expected(graph, one), 0, expected, 0, 30);
                System.arraycopy(TestGraph.expected(graph, two), 0, expected, 30, 9);
                TestGraph.assertAgrees(expected, rows, 1e-5, "capacity");
            }
        }
    }

    @Test
    void graphsThatAreNoLanguageModelsAreRefused() {
        assertRefused(
                "graph 'images' has the input 'pixels', expected ids and perhaps encoder_ids as language models have",
                images());
        TestGraph g = new TestGraph(1, 10);
        g.graph.output("out", g.values(10).getFirst());
        assertRefused(
                "graph 'test' has no input 'ids' or no output 'logits', expected a language model", g.graph.build());
        TestGraph images = new TestGraph(1, 10);
        String x = images.values(10).getFirst();
        assertRefused(
                "node 'attention': attention is no operator of language models; the engine cannot run it",
                images.build(images.add("attention", new Attention(2, 0.5), x, x, x)));
    }

    private static Graph images() {
        GraphBuilder g = new GraphBuilder("images");
        String pixels = g.input("pixels", Type.f32(Dim.BATCH, Dim.of(1), Dim.of(4), Dim.of(4)));
        g.output("logits", g.add("normal", new Normalize(new float[] {1}, new float[] {0}), pixels));
        return g.build();
    }

    private static void assertRefused(String message, Graph graph) {
        assertEquals(
                message,
                assertThrows(InvalidGraphException.class, () -> LanguageEngine.load(graph, TestGraph.exact()))
                        .getMessage());
    }
}
