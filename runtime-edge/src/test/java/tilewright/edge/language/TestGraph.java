package tilewright.edge.language;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Embed;
import tilewright.model.graph.Graph;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Op;
import tilewright.model.graph.SplitHeads;
import tilewright.model.graph.Tensor64;
import tilewright.model.graph.Type;

/** Builds small graphs of random weights over ids, and compares the engine with the float64 interpreter. */
final class TestGraph {
    final Random random;
    final GraphBuilder graph = new GraphBuilder("test");
    final int vocabulary;

    TestGraph(long seed, int vocabulary) {
        this.random = new Random(seed);
        this.vocabulary = vocabulary;
        graph.input("ids", Type.i32(Dim.BATCH, Dim.TOKENS));
    }

    /** Adds the input of an encoder. */
    void encoder() {
        graph.input("encoder_ids", Type.i32(Dim.BATCH, Dim.SOURCE));
    }

    /** A parameter of normally distributed numbers. */
    String weight(String name, double deviation, int... dims) {
        long[] sizes = Arrays.stream(dims).asLongStream().toArray();
        float[] numbers = new float[Math.toIntExact(Arrays.stream(sizes).reduce(1, Math::multiplyExact))];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) (random.nextGaussian() * deviation);
        }
        return graph.parameter(name, Type.f32(sizes), numbers::clone);
    }

    /** A matrix whose products keep the size of what they multiply. */
    String matrix(String name, int... dims) {
        return weight(name, 1 / Math.sqrt(dims[dims.length - 1]), dims);
    }

    /** Random values of these widths, each a function of the token. */
    List<String> values(int... widths) {
        int sum = Arrays.stream(widths).sum();
        String all = graph.add("values", new Embed(), "ids", weight("table", 1, vocabulary, sum));
        List<String> names = new ArrayList<>();
        for (int i = 0; i < widths.length; i++) {
            names.add("value" + i);
        }
        List<Integer> boxed = Arrays.stream(widths).boxed().toList();
        return widths.length == 1 ? List.of(all) : graph.add("split", new SplitHeads(1, boxed), List.of(all), names);
    }

    String add(String node, Op op, String... operands) {
        return graph.add(node, op, operands);
    }

    Graph build(String logits) {
        graph.output("logits", logits);
        return graph.build();
    }

    /** Random ids. */
    int[] ids(int count) {
        return random.ints(count, 0, vocabulary).toArray();
    }

    /** The interpreter's logits of a whole sequence, row by row. */
    static double[][] expected(Graph graph, int[] ids, int... encoderIds) {
        Map<String, Tensor64> feeds = new LinkedHashMap<>();
        feeds.put("ids", tensor(ids));
        if (encoderIds.length > 0) {
            feeds.put("encoder_ids", tensor(encoderIds));
        }
        String value = graph.outputs().get("logits");
        Tensor64 logits = Interpreter.run(graph, feeds, List.of(value)).get(value);
        double[][] rows = new double[ids.length][];
        int width = logits.dim(-1);
        for (int row = 0; row < rows.length; row++) {
            rows[row] = Arrays.copyOfRange(logits.data(), row * width, (row + 1) * width);
        }
        return rows;
    }

    private static Tensor64 tensor(int[] ids) {
        return new Tensor64(
                new int[] {1, ids.length}, Arrays.stream(ids).asDoubleStream().toArray());
    }

    /** All rows of logits of a sequence that is cut into chunks of these lengths. */
    static float[][] run(LanguageEngine engine, Sequence sequence, int[] ids, int... lengths) {
        float[][] rows = new float[ids.length][];
        int done = 0;
        for (int i = 0; done < ids.length; i++) {
            int length = Math.min(lengths[i % lengths.length], ids.length - done);
            Logits logits = engine.step(Chunk.all(sequence, Arrays.copyOfRange(ids, done, done + length)));
            for (int row = 0; row < length; row++) {
                rows[done + row] = logits.row(row);
            }
            done += length;
        }
        return rows;
    }

    /** Rows agree within {@code tolerance} times the largest magnitude of all (at least 1). */
    static void assertAgrees(double[][] expected, float[][] found, double tolerance, String what) {
        double scale = 1;
        for (double[] row : expected) {
            for (double value : row) {
                scale = Math.max(scale, Math.abs(value));
            }
        }
        assertEquals(expected.length, found.length, what);
        for (int row = 0; row < expected.length; row++) {
            for (int i = 0; i < expected[row].length; i++) {
                assertEquals(expected[row][i], found[row][i], tolerance * scale, what + " row " + row + " column " + i);
            }
        }
    }

    /** Rows are equal, bit for bit but for the sign of zero. */
    static void assertSame(float[][] expected, float[][] found, String what) {
        assertEquals(expected.length, found.length, what);
        for (int row = 0; row < expected.length; row++) {
            for (int i = 0; i < expected[row].length; i++) {
                assertEquals(expected[row][i] + 0f, found[row][i] + 0f, what + " row " + row + " column " + i);
            }
        }
    }

    /** Options for comparisons: a cache without rounding, small pages. */
    static EngineOptions exact() {
        return EngineOptions.defaults().withCacheFormat(CacheFormat.F32).withPageTokens(32);
    }

    /**
     * Runs a sequence whole, in chunks, token by token, together with another sequence, and on other numbers of threads; all
     * agree with the interpreter.
     *
     * @param exact whether they also agree bit for bit: products with weights may round differently for few and many rows
     */
    static void assertEveryWayAgrees(
            Graph graph, int[] ids, int[] other, double tolerance, boolean exact, int... encoderIds) {
        double[][] expected = expected(graph, ids, encoderIds);
        Map<String, float[][]> ways = new LinkedHashMap<>();
        float[][] whole;
        try (LanguageEngine engine = LanguageEngine.load(graph, exact())) {
            whole = run(engine, open(engine, encoderIds), ids, ids.length);
            assertSame(whole, run(engine, open(engine, encoderIds), ids, ids.length), "again");
            ways.put("whole", whole);
            ways.put("chunks", run(engine, open(engine, encoderIds), ids, 5, 1, 7, 2));
            ways.put("token by token", run(engine, open(engine, encoderIds), ids, 1));
            Sequence one = open(engine, encoderIds);
            Sequence two = open(engine, encoderIds);
            Logits both = engine.step(Chunk.all(two, other), Chunk.all(one, ids));
            float[][] rows = new float[ids.length][];
            for (int row = 0; row < rows.length; row++) {
                rows[row] = both.row(other.length + row);
            }
            ways.put("beside another sequence", rows);
        }
        try (LanguageEngine engine = LanguageEngine.load(graph, exact().withThreads(3))) {
            assertSame(whole, run(engine, open(engine, encoderIds), ids, ids.length), "three threads");
        }
        try (LanguageEngine engine = LanguageEngine.load(graph, exact().withPrefillTokens(9))) {
            float[][] passes = run(engine, open(engine, encoderIds), ids, ids.length);
            ways.put("small passes", passes);
            Logits last = engine.step(Chunk.last(open(engine, encoderIds), ids));
            assertAgrees(
                    new double[][] {expected[ids.length - 1]}, new float[][] {last.row(0)}, tolerance, "last row only");
        }
        ways.forEach((way, rows) -> {
            assertAgrees(expected, rows, tolerance, way);
            if (exact) {
                assertSame(whole, rows, way);
            }
        });
    }

    static Sequence open(LanguageEngine engine, int... encoderIds) {
        return encoderIds.length == 0 ? engine.newSequence() : engine.newSequence(encoderIds);
    }
}
