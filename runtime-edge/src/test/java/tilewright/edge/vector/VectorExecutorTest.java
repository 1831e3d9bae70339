package tilewright.edge.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.edge.Tensor;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Experts;
import tilewright.model.graph.Graph;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.Split;
import tilewright.model.graph.Type;

/** What an executor promises, on a small mixture-of-experts block with two tasks. */
class VectorExecutorTest {
    private static final int TOKENS = 13;
    private static final int WIDTH = 24;
    private static final int EXPERTS = 6;

    private final Random random = new Random(11);
    private final AtomicInteger loads = new AtomicInteger();
    private final Graph twoTasks = block();
    private final Graph graph = twoTasks.forTask("b");

    @Test
    void aWholeBlockAgreesWithFloat64OnEveryValue() {
        List<String> values =
                graph.nodes().stream().flatMap(node -> node.outputs().stream()).toList();
        Compared.assertAgrees(graph, Map.of("x", input(5)), values, 2, 5e-6);
    }

    @Test
    void theResultIsTheSameForAnyNumberOfThreads() {
        Map<String, Tensor> feeds = Map.of("x", input(37));
        Tensor expected = run(graph, 1, feeds, "out");
        for (int threads = 2; threads <= 5; threads++) {
            assertEquals(expected, run(graph, threads, feeds, "out"), threads + " threads");
        }
    }

    @Test
    void anImageGivesTheSameResultInAnyBatch() {
        Tensor batch = input(9);
        Tensor together = run(graph, 1, Map.of("x", batch), "out");
        int elements = TOKENS * WIDTH;
        for (int image = 0; image < 9; image++) {
            Tensor alone = run(graph, 1, Map.of("x", slice(batch, image, elements)), "out");
            assertEquals(slice(together, image, elements), alone, "image " + image);
        }
    }

    @Test
    void repeatedRunsReuseBuffersWithoutMixingUpResults() {
        Tensor first = input(3);
        Tensor second = input(4);
        try (VectorExecutor executor = VectorExecutor.prepare(graph, 2)) {
            Tensor once = executor.run(Map.of("x", first), List.of("out")).get("out");
            Tensor copy = new Tensor(once.dims(), once.data().clone());
            Tensor other = executor.run(Map.of("x", second), List.of("out")).get("out");
            assertEquals(copy, once, "what was fetched belongs to the caller");
            assertEquals(copy, executor.run(Map.of("x", first), List.of("out")).get("out"));
            assertEquals(run(graph, 1, Map.of("x", second), "out"), other);
        }
    }

    @Test
    void aFeedReplacesAnIntermediateValueAndWhatLiesBeforeIsNotNeeded() {
        Tensor mid = input(2);
        Compared.assertAgrees(graph, Map.of("norm", mid), List.of("attention", "v"), 1, 5e-6);
        Tensor ids = new Tensor(new int[] {2, TOKENS, 2}, new float[2 * TOKENS * 2]);
        Compared.assertAgrees(graph, Map.of("x", mid, "ids", ids), List.of("ids", "weights", "out"), 1, 5e-6);
    }

    @Test
    void aFeedReplacesAParameter() {
        Tensor gate = Compared.random(random, EXPERTS, WIDTH);
        Compared.assertAgrees(graph, Map.of("x", input(2), "gate.b", gate), List.of("weights", "gate.b"), 1, 5e-6);
    }

    @Test
    void parametersAndFeedsCanBeFetched() {
        Tensor x = input(1);
        try (VectorExecutor executor = VectorExecutor.prepare(graph, 1)) {
            Map<String, Tensor> fetched = executor.run(Map.of("x", x), List.of("gamma", "x"));
            assertArrayEquals(
                    graph.parameters().get("gamma").data().load(),
                    fetched.get("gamma").data());
            assertEquals(x, fetched.get("x"));
        }
    }

    @Test
    void executorsThatShareACacheLoadEachSharedWeightOnce() {
        WeightCache cache = new WeightCache();
        Map<String, Tensor> feeds = Map.of("x", input(2));
        try (VectorExecutor a = VectorExecutor.prepare(twoTasks.forTask("a"), cache, 1)) {
            int alone = loads.get();
            assertEquals(graph.parameters().size() - 1, alone, "all but the other gate");
            try (VectorExecutor b = VectorExecutor.prepare(twoTasks.forTask("b"), cache, 2)) {
                a.run(feeds, List.of("out"));
                b.run(feeds, List.of("out"));
                assertEquals(alone + 1, loads.get(), "only the other gate");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesAreNamed(Map<String, Tensor> feeds, String fetch, String message) {
        try (VectorExecutor executor = VectorExecutor.prepare(graph, 1)) {
            InvalidGraphException e =
                    assertThrows(InvalidGraphException.class, () -> executor.run(feeds, List.of(fetch)));
            assertEquals(message, e.getMessage());
        }
    }

    static Stream<Arguments> mistakes() {
        Tensor x = new Tensor(new int[] {1, TOKENS, WIDTH}, new float[TOKENS * WIDTH]);
        Tensor narrow = new Tensor(new int[] {1, TOKENS, 2}, new float[TOKENS * 2]);
        Tensor pair = new Tensor(new int[] {2, TOKENS, WIDTH}, new float[2 * TOKENS * WIDTH]);
        float[] wrong = new float[TOKENS * 2];
        wrong[3] = 6;
        Tensor ids = new Tensor(new int[] {1, TOKENS, 2}, wrong);
        return Stream.of(
                Arguments.of(Map.of("x", x), "nothing", "graph 'block' has no value 'nothing'"),
                Arguments.of(Map.of("y", x), "out", "feed 'y' names no value of the graph"),
                Arguments.of(Map.of(), "out", "graph 'block': input 'x' is needed but was not fed"),
                Arguments.of(Map.of("x", narrow), "out", "feed 'x' has shape [1, 13, 2], expected [batch, 13, 24]"),
                Arguments.of(
                        Map.of("q", x, "k", x, "v", pair).entrySet().stream()
                                .sorted(Map.Entry.comparingByKey())
                                .collect(
                                        java.util.LinkedHashMap::new,
                                        (map, e) -> map.put(e.getKey(), e.getValue()),
                                        Map::putAll),
                        "attention",
                        "feed 'v' has shape [2, 13, 24], expected [batch, 13, 24] with batch 1"),
                Arguments.of(
                        Map.of("x", x, "ids", ids),
                        "out",
                        "node 'dispatch': dispatch reads expert id 6.0 in slot 3, expected a whole number from 0 to 5"));
    }

    @Test
    void aGraphThatStillChoosesAmongTasksIsRefused() {
        InvalidGraphException e = assertThrows(InvalidGraphException.class, () -> VectorExecutor.prepare(twoTasks, 1));
        assertEquals("graph 'block' chooses among the tasks a, b; specialise it to one of them first", e.getMessage());
    }

    private static Tensor run(Graph graph, int threads, Map<String, Tensor> feeds, String fetch) {
        try (VectorExecutor executor = VectorExecutor.prepare(graph, threads)) {
            return executor.run(feeds, List.of(fetch)).get(fetch);
        }
    }

    private static Tensor slice(Tensor batch, int image, int elements) {
        float[] data = java.util.Arrays.copyOfRange(batch.data(), image * elements, (image + 1) * elements);
        return new Tensor(new int[] {1, TOKENS, WIDTH}, data);
    }

    private Tensor input(int batch) {
        return Compared.random(random, batch, TOKENS, WIDTH);
    }

    private Graph block() {
        GraphBuilder b = new GraphBuilder("block");
        String x = b.input("x", Type.f32(Dim.BATCH, Dim.of(TOKENS), Dim.of(WIDTH)));
        b.add("norm", new LayerNorm(1e-6), x, weight(b, "gamma", WIDTH), weight(b, "beta", WIDTH));
        b.add("qkv", new Linear(), "norm", weight(b, "qkv.weight", 3 * WIDTH, WIDTH), weight(b, "qkv.bias", 3 * WIDTH));
        b.add("split", new Split(3), List.of("qkv"), List.of("q", "k", "v"));
        b.add("attention", new Attention(2, 0.3), "q", "k", "v");
        b.add("mid", new Add(), x, "attention");
        b.add("dense", new Linear(), "mid", weight(b, "dense.weight", WIDTH, WIDTH));
        b.add("act", new Activate(Activation.GELU_ERF), "dense");
        b.add(
                "router",
                new Router(RouterSettings.softmaxThenTopK(EXPERTS, 2, List.of("a", "b"))),
                List.of("act", weight(b, "gate.a", EXPERTS, WIDTH), weight(b, "gate.b", EXPERTS, WIDTH)),
                List.of("ids", "weights"));
        b.add("dispatch", new Dispatch(EXPERTS), List.of("act", "ids"), List.of("queue", "offsets", "slots"));
        b.add(
                "experts",
                new Experts(Activation.GELU_ERF),
                "queue",
                "offsets",
                weight(b, "fc1", EXPERTS, 2 * WIDTH, WIDTH),
                weight(b, "b1", EXPERTS, 2 * WIDTH),
                weight(b, "fc2", EXPERTS, WIDTH, 2 * WIDTH),
                weight(b, "b2", EXPERTS, WIDTH));
        b.add("moe", new Combine(2), "experts", "slots", "weights");
        b.add("out", new Add(), "mid", "moe");
        b.tasks(List.of("a", "b"));
        b.output("a", "out");
        b.output("b", "out");
        return b.build();
    }

    private String weight(GraphBuilder b, String name, int... dims) {
        long[] sizes = new long[dims.length];
        int elements = 1;
        for (int i = 0; i < dims.length; i++) {
            sizes[i] = dims[i];
            elements *= dims[i];
        }
        float[] numbers = Compared.numbers(random, elements, 1 / Math.sqrt(dims[dims.length - 1]));
        return b.parameter(name, Type.f32(sizes), () -> {
            loads.incrementAndGet();
            return numbers.clone();
        });
    }
}
