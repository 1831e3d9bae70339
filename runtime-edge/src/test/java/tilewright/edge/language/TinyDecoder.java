package tilewright.edge.language;

import java.util.List;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.AttentionSettings;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Embed;
import tilewright.model.graph.GatedExperts;
import tilewright.model.graph.GatedUnit;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Linear;
import tilewright.model.graph.MaskedAttention;
import tilewright.model.graph.RmsNorm;
import tilewright.model.graph.Rope;
import tilewright.model.graph.RopeFrequencies;
import tilewright.model.graph.RopeSettings;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;

/** A decoder of two blocks with attention and a mixture of experts, the shape of published models. */
final class TinyDecoder {
    static final int VOCABULARY = 50;
    private static final int HIDDEN = 24;
    private static final int HEADS = 4;
    private static final int KEY_VALUE_HEADS = 2;
    private static final int WIDTH = 8;

    private TinyDecoder() {}

    /** A model whose second block sees so many tokens; 0 for all. */
    static Graph graph(long seed, int window) {
        return graph(seed, window, false);
    }

    /** A model each of whose blocks has a dense layer that reads what its router reads, after it. */
    static Graph withSharedExperts(long seed) {
        return graph(seed, 0, true);
    }

    private static Graph graph(long seed, int window, boolean shared) {
        TestGraph g = new TestGraph(seed, VOCABULARY);
        String x = g.graph.add("embed", new Embed(), "ids", g.weight("table", 1, VOCABULARY, HIDDEN));
        for (int block = 0; block < 2; block++) {
            x = block(g, x, "block" + block, block == 1 ? window : 0, shared);
        }
        x = g.add("norm", new RmsNorm(1e-6), x, g.weight("norm.weight", 1, HIDDEN));
        return g.build(g.add("logits", new Linear(), x, g.matrix("head", VOCABULARY, HIDDEN)));
    }

    private static String block(TestGraph g, String x, String block, int window, boolean shared) {
        String normed = g.add(block + ".norm", new RmsNorm(1e-6), x, g.weight(block + ".norm.weight", 1, HIDDEN));
        String q = linear(g, block + ".q", normed, HEADS * WIDTH, HIDDEN);
        String k = linear(g, block + ".k", normed, KEY_VALUE_HEADS * WIDTH, HIDDEN);
        String v = linear(g, block + ".v", normed, KEY_VALUE_HEADS * WIDTH, HIDDEN);
        q = g.add(block + ".q.rope", rope(HEADS), q);
        k = g.add(block + ".k.rope", rope(KEY_VALUE_HEADS), k);
        AttentionSettings settings = AttentionSettings.causal(HEADS, KEY_VALUE_HEADS, WIDTH, WIDTH, 0.35)
                .withWindow(window);
        String attention = g.add(block + ".attention", new MaskedAttention(settings), q, k, v);
        String out = linear(g, block + ".o", attention, HIDDEN, HEADS * WIDTH);
        String sum = g.add(block + ".sum", new Add(), x, out);
        normed = g.add(block + ".norm2", new RmsNorm(1e-6), sum, g.weight(block + ".norm2.weight", 1, HIDDEN));
        RouterSettings router = RouterSettings.softmaxThenTopK(6, 2, List.of());
        g.graph.add(
                block + ".router",
                new Router(router),
                List.of(normed, g.matrix(block + ".gate", 6, HIDDEN)),
                List.of(block + ".router.ids", block + ".router.weights"));
        g.graph.add(
                block + ".dispatch",
                new Dispatch(6),
                List.of(normed, block + ".router.ids"),
                List.of(block + ".queue", block + ".offsets", block + ".slots"));
        String experts = g.add(
                block + ".experts",
                new GatedExperts(new GatedUnit(Activation.SILU)),
                block + ".queue",
                block + ".offsets",
                g.matrix(block + ".experts.gate", 6, 16, HIDDEN),
                g.matrix(block + ".experts.up", 6, 16, HIDDEN),
                g.matrix(block + ".experts.down", 6, HIDDEN, 16));
        String moe = g.add(block + ".moe", new Combine(2), experts, block + ".slots", block + ".router.weights");
        if (shared) {
            moe = g.add(block + ".both", new Add(), moe, linear(g, block + ".shared", normed, HIDDEN, HIDDEN));
        }
        return g.add(block, new Add(), sum, moe);
    }

    private static String linear(TestGraph g, String name, String x, int outputs, int width) {
        return g.add(name, new Linear(), x, g.matrix(name + ".weight", outputs, width));
    }

    private static Rope rope(int heads) {
        return new Rope(RopeSettings.wholeHeads(
                heads, WIDTH, RopeSettings.Pairing.HALVES, RopeFrequencies.Fixed.of(1000, WIDTH)));
    }
}
