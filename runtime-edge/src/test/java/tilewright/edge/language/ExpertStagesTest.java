package tilewright.edge.language;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Collect;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.ExpertLinear;
import tilewright.model.graph.Experts;
import tilewright.model.graph.GatedExperts;
import tilewright.model.graph.GatedUnit;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.RouterSettings.GroupScore;
import tilewright.model.graph.RouterSettings.Normalise;
import tilewright.model.graph.RouterSettings.Score;
import tilewright.model.graph.RouterSettings.Select;
import tilewright.model.graph.RouterSettings.Selection;
import tilewright.model.graph.RouterSettings.Weighting;
import tilewright.model.graph.ScaleQueue;

/** Mixtures of experts on the engine against their float64 meaning. */
class ExpertStagesTest {
    private static final double TOLERANCE = 1e-5;
    private static final int TOKENS = 40;

    private static RouterSettings settings(TestGraph g, int experts, int topK) {
        Normalise[] all = Normalise.values();
        Normalise normalise = all[g.random.nextInt(all.length)];
        boolean mixer = normalise == Normalise.SPARSE_MIXER;
        RouterSettings settings = new RouterSettings(
                experts, topK, Score.LINEAR, normalise, Select.TOP_K, g.random.nextBoolean(), List.of());
        boolean summable = normalise != Normalise.NONE;
        settings = new RouterSettings(
                experts, topK, Score.LINEAR, normalise, Select.TOP_K, summable && settings.renormalise(), List.of());
        settings = g.random.nextBoolean() ? settings.withGateBias() : settings;
        settings = g.random.nextBoolean() ? settings.with(new Weighting(summable ? 2 : 1, 1e-3, 0, 1.5)) : settings;
        if (mixer) {
            return settings.with(new Selection(false, 1, 1, GroupScore.MAX, 0.1));
        }
        GroupScore score = g.random.nextBoolean() ? GroupScore.MAX : GroupScore.TOP2_SUM;
        return switch (g.random.nextInt(3)) {
            case 0 -> settings.with(new Selection(true, 4, 2, score, 0));
            case 1 -> settings.with(new Selection(false, 2, 1, score, 0));
            default -> settings;
        };
    }

    private static List<String> route(TestGraph g, String x, RouterSettings settings, int width) {
        List<String> operands = new ArrayList<>(List.of(x, g.weight("gate", 1, settings.experts(), width)));
        if (settings.gateBias()) {
            operands.add(g.weight("gate_bias", 1, settings.experts()));
        }
        if (settings.selection().bias()) {
            operands.add(g.weight("selection_bias", 1, settings.experts()));
        }
        return g.graph.add("router", new Router(settings), operands, List.of("ids_of", "weights"));
    }

    private static void compare(TestGraph g, String logits) {
        int width = g.graph.type(logits).shape().size(-1);
        int bound = Math.min(width, g.vocabulary);
        int[] ids = g.random.ints(1 + g.random.nextInt(TOKENS), 0, bound).toArray();
        int[] other = g.random.ints(1 + g.random.nextInt(TOKENS), 0, bound).toArray();
        TestGraph.assertEveryWayAgrees(g.build(logits), ids, other, TOLERANCE, false);
    }

    @Property(tries = 60)
    void gatedExpertsOfEveryRouter(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 30);
        int width = 8 + g.random.nextInt(40);
        int hidden = 1 + g.random.nextInt(40);
        int topK = 1 + g.random.nextInt(3);
        int identity = g.random.nextInt(2) * 3;
        int real = 8 - identity;
        String x = g.values(width).getFirst();
        route(g, x, settings(g, 8, topK), width);
        g.graph.add("dispatch", new Dispatch(8), List.of(x, "ids_of"), List.of("queue", "offsets", "slots"));
        List<String> operands = new ArrayList<>(List.of(
                "queue",
                "offsets",
                g.matrix("gates", real, hidden, width),
                g.matrix("ups", real, hidden, width),
                g.matrix("downs", real, width, hidden)));
        if (g.random.nextBoolean()) {
            operands.add(g.weight("gates.bias", 1, real, hidden));
            operands.add(g.weight("ups.bias", 1, real, hidden));
            operands.add(g.weight("downs.bias", 1, real, width));
        }
        GatedUnit unit =
                g.random.nextBoolean() ? new GatedUnit(Activation.SILU) : new GatedUnit(Activation.QUICK_GELU, 1.2, 1);
        String out = g.add("experts", new GatedExperts(unit, identity), operands.toArray(new String[0]));
        compare(g, g.add("moe", new Combine(topK), out, "slots", "weights"));
    }

    @Property(tries = 20)
    void plainExpertsOfScaledQueues(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 30);
        int width = 8 + g.random.nextInt(40);
        int hidden = 1 + g.random.nextInt(40);
        int topK = 1 + g.random.nextInt(2);
        String x = g.values(width).getFirst();
        route(g, x, settings(g, 8, topK), width);
        g.graph.add("dispatch", new Dispatch(8), List.of(x, "ids_of"), List.of("queue", "offsets", "slots"));
        String queue = g.add("scaled", new ScaleQueue(topK), "queue", "slots", "weights");
        String fc1 = g.matrix("fc1", 8, hidden, width);
        String fc2 = g.matrix("fc2", 8, width, hidden);
        String out = g.random.nextBoolean()
                ? g.add("experts", new Experts(Activation.RELU), queue, "offsets", fc1, fc2)
                : g.add(
                        "experts",
                        new Experts(Activation.GELU_ERF),
                        queue,
                        "offsets",
                        fc1,
                        g.weight("b1", 1, 8, hidden),
                        fc2,
                        g.weight("b2", 1, 8, width));
        compare(g, g.add("moe", new Combine(topK, false), out, "slots", "ids_of"));
    }

    @Property(tries = 20)
    void expertLinearsWithSplitQueues(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 30);
        int width = 8 + g.random.nextInt(40);
        int inner = 1 + g.random.nextInt(40);
        int topK = 1 + g.random.nextInt(3);
        String x = g.values(width).getFirst();
        route(g, x, settings(g, 8, topK), width);
        g.graph.add("map", new Dispatch(8), List.of(x, "ids_of"), List.of("queue", "offsets", "slots"));
        String mapped = g.add("in", new ExpertLinear(), "queue", "offsets", g.matrix("w1", 8, inner, width));
        String rows = g.add("collect", new Collect(topK), mapped, "slots", "ids_of");
        g.graph.add("reduce", new Dispatch(8, true), List.of(rows, "ids_of"), List.of("queue2", "offsets2", "slots2"));
        String reduced = g.add(
                "out",
                new ExpertLinear(),
                "queue2",
                "offsets2",
                g.matrix("w2", 8, width, inner),
                g.weight("b2", 1, 8, width));
        String sum = g.add("moe", new Combine(topK), reduced, "slots2", "weights");
        compare(g, g.add("head", new Linear(), sum, g.matrix("head.weight", 30, width)));
    }
}
