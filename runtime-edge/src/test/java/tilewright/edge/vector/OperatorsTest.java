package tilewright.edge.vector;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import tilewright.edge.Tensor;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Concat;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Experts;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Normalize;
import tilewright.model.graph.Op;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.Scale;
import tilewright.model.graph.SelectTokens;
import tilewright.model.graph.Split;
import tilewright.model.graph.Type;

/** Each operator against its float64 meaning, on shapes that are no multiple of anything. */
class OperatorsTest {
    private static final double TOLERANCE = 3e-6;

    /** Builds a graph of one batch of values and some parameters, and compares. */
    private static final class Case {
        private final Random random;
        private final int batch;
        private final GraphBuilder graph = new GraphBuilder("case");
        private final Map<String, Tensor> feeds = new LinkedHashMap<>();

        Case(long seed, int batch) {
            this.random = new Random(seed);
            this.batch = batch;
        }

        String value(String name, int... inner) {
            Dim[] dims = new Dim[inner.length + 1];
            int[] sizes = new int[inner.length + 1];
            dims[0] = Dim.BATCH;
            sizes[0] = batch;
            for (int i = 0; i < inner.length; i++) {
                dims[i + 1] = Dim.of(inner[i]);
                sizes[i + 1] = inner[i];
            }
            feeds.put(name, Compared.random(random, sizes));
            return graph.input(name, Type.f32(dims));
        }

        String parameter(String name, double deviation, int... dims) {
            long[] sizes = new long[dims.length];
            int elements = 1;
            for (int i = 0; i < dims.length; i++) {
                sizes[i] = dims[i];
                elements *= dims[i];
            }
            float[] numbers = Compared.numbers(random, elements, deviation);
            return graph.parameter(name, Type.f32(sizes), Compared.data(numbers));
        }

        /** As {@link #value} in multiples of 1/4: scores are then exact, so that ties are ties, and there are many. */
        String coarseValue(String name, int... inner) {
            value(name, inner);
            coarsen(feeds.get(name).data());
            return name;
        }

        String coarseParameter(String name, int rows, int columns) {
            float[] numbers = Compared.numbers(random, rows * columns, 1);
            coarsen(numbers);
            return graph.parameter(name, Type.f32(rows, columns), Compared.data(numbers));
        }

        private static void coarsen(float[] numbers) {
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = Math.round(4 * numbers[i]) / 4f;
            }
        }

        String weight(String name, int... dims) {
            return parameter(name, 1 / Math.sqrt(dims[dims.length - 1]), dims);
        }

        void compare(Op op, String... operands) {
            compareAll(op, List.of("out"), operands);
        }

        void compareAll(Op op, List<String> results, String... operands) {
            graph.add("node", op, List.of(operands), results);
            compareValues(results);
        }

        void compareValues(List<String> values) {
            graph.output("result", values.getLast());
            for (int threads = 1; threads <= 3; threads += 2) {
                Compared.assertAgrees(graph.build(), feeds, values, threads, TOLERANCE);
            }
        }
    }

    @Property(tries = 20)
    void normalizeScalesAndShiftsEachChannel(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5) int batch,
            @ForAll @IntRange(min = 1, max = 40) int w) {
        Case c = new Case(seed, batch);
        c.compare(new Normalize(new float[] {0.5f, 2, -1}, new float[] {1, -0.25f, 3}), c.value("x", 3, 1 + w / 2, w));
    }

    @Property(tries = 20)
    void patchEmbedMultipliesPatches(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5) int batch,
            @ForAll @IntRange(min = 1, max = 5) int patch,
            @ForAll @IntRange(min = 1, max = 70) int hidden,
            @ForAll boolean bias) {
        Case c = new Case(seed, batch);
        String image = c.value("x", 2, 3 * patch, 4 * patch);
        String weight = c.weight("w", hidden, 2, patch, patch);
        if (bias) {
            c.compare(new PatchEmbed(patch), image, weight, c.parameter("b", 1, hidden));
        } else {
            c.compare(new PatchEmbed(patch), image, weight);
        }
    }

    @Property(tries = 60)
    void linearMultipliesRowsOfAnySize(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 40) int batch,
            @ForAll @IntRange(min = 1, max = 9) int tokens,
            @ForAll @IntRange(min = 1, max = 130) int in,
            @ForAll @IntRange(min = 1, max = 130) int out,
            @ForAll boolean bias) {
        Case c = new Case(seed, batch);
        String x = c.value("x", tokens, in);
        String weight = c.weight("w", out, in);
        if (bias) {
            c.compare(new Linear(), x, weight, c.parameter("b", 1, out));
        } else {
            c.compare(new Linear(), x, weight);
        }
    }

    @Example
    void linearMultipliesMoreThanOneCacheBlock() {
        Case c = new Case(1, 7);
        c.compare(new Linear(), c.value("x", 50, 700), c.weight("w", 65, 700), c.parameter("b", 1, 65));
    }

    @Property(tries = 40)
    void layerNormNormalisesRows(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 9) int batch,
            @ForAll @IntRange(min = 8, max = 100) int width) {
        // Narrower rows can have all elements nearly equal, and then float32 loses their difference.
        Case c = new Case(seed, batch);
        c.compare(
                new LayerNorm(1e-6),
                c.value("x", 3, width),
                c.parameter("gamma", 1, width),
                c.parameter("beta", 1, width));
    }

    @Property(tries = 60)
    void activationsAgree(@ForAll long seed, @ForAll Activation kind, @ForAll @IntRange(min = 1, max = 100) int width) {
        Case c = new Case(seed, 3);
        c.compare(new Activate(kind), c.value("x", width));
    }

    @Property(tries = 20)
    void addBroadcastsOverTheBatchOrNot(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int width, @ForAll boolean broadcast) {
        Case c = new Case(seed, 4);
        c.compare(
                new Add(), c.value("x", 5, width), broadcast ? c.parameter("y", 1, 5, width) : c.value("y", 5, width));
    }

    @Example
    void scaleMultiplies() {
        Case c = new Case(2, 4);
        c.compare(new Scale(0.1767766952966369), c.value("x", 5, 17));
    }

    @Property(tries = 20)
    void concatJoinsValuesAndRepeatedParameters(@ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int width) {
        Case c = new Case(seed, 3);
        c.compare(new Concat(), c.parameter("cls", 1, 1, width), c.value("x", 7, width), c.value("y", 2, width));
    }

    // LayerNorm divides by the deviation, which may be anything in a row of two or three: no tolerance would hold.
    @Property(tries = 20)
    void splitCutsAndItsPartsFeedEveryOperator(@ForAll long seed, @ForAll @IntRange(min = 8, max = 40) int width) {
        Case c = new Case(seed, 3);
        List<String> parts =
                c.graph.add("split", new Split(3), List.of(c.value("x", 5, 3 * width)), List.of("a", "b", "c"));
        String second = c.graph
                .add("second", new Split(2), List.of(c.value("y", 5, 2 * width)), List.of("d", "e"))
                .get(1);
        c.graph.add("linear", new Linear(), second, c.weight("w", 19, width));
        c.graph.add("norm", new LayerNorm(1e-5), parts.get(1), c.parameter("g", 1, width), c.parameter("h", 1, width));
        c.graph.add("act", new Activate(Activation.GELU_ERF), parts.get(2));
        c.graph.add("sum", new Add(), parts.get(2), second);
        c.graph.add("scaled", new Scale(3), second);
        c.graph.add("joined", new Concat(), second, parts.get(0));
        c.graph.add("one", new SelectTokens(4, 1), parts.get(1));
        c.graph.add("head", new Linear(), "one", c.weight("v", 3, width));
        c.graph.add("rest", new SelectTokens(2, -1), parts.get(1));
        c.graph.add("attention", new Attention(1, 0.3), parts.get(0), parts.get(1), second);
        c.compareValues(List.of(
                "a",
                "b",
                "c",
                "e",
                "linear",
                "norm",
                "act",
                "sum",
                "scaled",
                "joined",
                "one",
                "head",
                "rest",
                "attention"));
    }

    @Property(tries = 40)
    void attentionAgreesForAnyNumberOfTokens(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3) int batch,
            @ForAll @IntRange(min = 1, max = 120) int tokens,
            @ForAll @IntRange(min = 1, max = 3) int heads,
            @ForAll @IntRange(min = 1, max = 40) int width) {
        Case c = new Case(seed, batch);
        int hidden = heads * width;
        c.compare(
                new Attention(heads, 1 / Math.sqrt(width)),
                c.value("q", tokens, hidden),
                c.value("k", tokens, hidden),
                c.value("v", tokens, hidden));
    }

    @Example
    void attentionSurvivesHugeScores() {
        Case c = new Case(3, 2);
        c.compare(new Attention(2, -1e4), c.value("q", 20, 8), c.value("k", 20, 8), c.value("v", 20, 8));
    }

    @Property(tries = 60)
    void routersAgreeInEveryVariant(
            @ForAll long seed,
            @ForAll RouterSettings.Normalise normalise,
            @ForAll boolean renormalise,
            @ForAll @IntRange(min = 1, max = 40) int experts,
            @ForAll @IntRange(min = 1, max = 8) int topK) {
        Assume.that(normalise != RouterSettings.Normalise.SPARSE_MIXER && normalise != RouterSettings.Normalise.NONE);
        Case c = new Case(seed, 3);
        RouterSettings settings = new RouterSettings(
                experts,
                Math.min(topK, experts),
                RouterSettings.Score.LINEAR,
                normalise,
                RouterSettings.Select.TOP_K,
                renormalise,
                List.of());
        c.compareAll(
                new Router(settings),
                List.of("ids", "weights"),
                c.coarseValue("x", 5, 24),
                c.coarseParameter("gate", experts, 24));
    }

    @Example
    void equalScoresGoToTheLowestIndex() {
        Case c = new Case(4, 2);
        c.graph.parameter("gate", Type.f32(6, 8), Compared.data(new float[48]));
        c.compareAll(
                new Router(RouterSettings.softmaxThenTopK(6, 3, List.of())),
                List.of("ids", "weights"),
                c.value("x", 4, 8),
                "gate");
    }

    @Property(tries = 40)
    void mixtureAgreesFromRouterToCombine(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 4) int batch,
            @ForAll @IntRange(min = 1, max = 40) int tokens,
            @ForAll @IntRange(min = 1, max = 12) int experts,
            @ForAll @IntRange(min = 1, max = 40) int hidden,
            @ForAll @IntRange(min = 1, max = 40) int width) {
        Case c = new Case(seed, batch);
        int topK = Math.min(2, experts);
        String x = c.coarseValue("x", tokens, width);
        List<String> routes = c.graph.add(
                "router",
                new Router(RouterSettings.softmaxThenTopK(experts, topK, List.of())),
                List.of(x, c.coarseParameter("gate", experts, width)),
                List.of("ids", "weights"));
        List<String> queues = c.graph.add(
                "dispatch", new Dispatch(experts), List.of(x, routes.get(0)), List.of("queue", "offsets", "slots"));
        c.graph.add(
                "experts",
                new Experts(Activation.GELU_ERF),
                "queue",
                "offsets",
                c.weight("fc1", experts, hidden, width),
                c.parameter("b1", 1, experts, hidden),
                c.weight("fc2", experts, width, hidden),
                c.parameter("b2", 1, experts, width));
        c.graph.add("out", new Combine(topK), "experts", queues.get(2), routes.get(1));
        List<String> all = new ArrayList<>(queues);
        all.addAll(List.of("ids", "weights", "experts", "out"));
        c.compareValues(all);
    }

    @Property(tries = 20)
    void selectTokensKeepsARange(@ForAll long seed, @ForAll @IntRange(min = 0, max = 8) int start) {
        Case c = new Case(seed, 3);
        c.compare(new SelectTokens(start, start % 2 == 0 ? -1 : 1), c.value("x", 9, 11));
    }
}
