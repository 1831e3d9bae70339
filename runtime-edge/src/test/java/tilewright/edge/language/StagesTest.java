package tilewright.edge.language;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.AttentionSettings;
import tilewright.model.graph.CausalConv;
import tilewright.model.graph.Clamp;
import tilewright.model.graph.GatedUnit;
import tilewright.model.graph.JoinHeads;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.LightningAttention;
import tilewright.model.graph.Linear;
import tilewright.model.graph.LinearRecurrence;
import tilewright.model.graph.MaskedAttention;
import tilewright.model.graph.Multiply;
import tilewright.model.graph.PositionEmbed;
import tilewright.model.graph.PositionScale;
import tilewright.model.graph.RelativeBias;
import tilewright.model.graph.RmsNorm;
import tilewright.model.graph.Rope;
import tilewright.model.graph.RopeFrequencies;
import tilewright.model.graph.RopeSettings;
import tilewright.model.graph.Scale;
import tilewright.model.graph.SelectiveScan;
import tilewright.model.graph.SplitHeads;
import tilewright.model.graph.Type;

/** Each operator on the engine against its float64 meaning: random shapes and settings, every way of cutting a sequence. */
class StagesTest {
    private static final double TOLERANCE = 1e-5;
    private static final int TOKENS = 75;

    private static void compare(TestGraph g, String logits) {
        compare(g, logits, true);
    }

    private static void compare(TestGraph g, String logits, boolean exact) {
        int width = g.graph.type(logits).shape().size(-1);
        int bound = Math.min(width, g.vocabulary);
        int[] ids = g.random.ints(1 + g.random.nextInt(TOKENS), 0, bound).toArray();
        int[] other = g.random.ints(1 + g.random.nextInt(TOKENS), 0, bound).toArray();
        TestGraph.assertEveryWayAgrees(g.build(logits), ids, other, TOLERANCE, exact);
    }

    private static int size(Random random, int most) {
        return 1 + random.nextInt(most);
    }

    @Property(tries = 20)
    void elementwiseOperators(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 40);
        int group = size(g.random, 9);
        int groups = size(g.random, 9);
        int width = group * groups;
        List<String> x = g.values(width, width, groups);
        String sum = g.add("sum", new Add(), x.get(0), x.get(1));
        sum = g.add("bias", new Add(), sum, g.weight("bias.weight", 1, width));
        sum = g.add("scale", new Scale(0.7), sum);
        sum = g.add("product", new Multiply(), sum, x.get(1));
        sum = g.add("grouped", new Multiply(), sum, x.get(2));
        sum = g.add("fixed", new Multiply(), sum, g.weight("fixed.weight", 1, width));
        sum = g.add("groups", new Multiply(), sum, g.weight("groups.weight", 1, groups));
        sum = g.add("square", new Multiply(), sum, sum);
        compare(g, g.add("clamp", new Clamp(-0.5, 3), sum));
    }

    @Property(tries = 20)
    void activationsAndGatedUnits(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 40);
        int width = size(g.random, 70);
        List<String> x = g.values(width, width);
        Activation[] kinds = Activation.values();
        Activation kind = kinds[g.random.nextInt(kinds.length)];
        String unit = g.add("unit", new GatedUnit(kind), x.get(0), x.get(1));
        String clamped = g.add("clamped", new GatedUnit(Activation.QUICK_GELU, 0.9, 1), x.get(0), x.get(1));
        String sum = g.add("sum", new Add(), unit, clamped);
        compare(g, g.add("activate", new Activate(kind), sum));
    }

    @Property(tries = 20)
    void norms(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 40);
        int groups = size(g.random, 5);
        int width = groups * (2 + g.random.nextInt(40));
        String x = g.values(width).getFirst();
        x = g.add("rms", new RmsNorm(1e-5), x, g.weight("w0", 1, width));
        x = g.add("layer", new LayerNorm(1e-3), x, g.weight("w1", 1, width), g.weight("b1", 1, width));
        x = g.add("groups", new RmsNorm(1e-5, groups), x, g.weight("w2", 1, width / groups));
        x = g.add("layers", new LayerNorm(1e-2, groups), x, g.weight("w3", 1, width));
        x = g.add("bare", new RmsNorm(1e-5), x);
        compare(g, g.add("bare_layer", new LayerNorm(1e-3), x));
    }

    @Property(tries = 20)
    void positionsAndHeads(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 40);
        int heads = size(g.random, 4);
        int rotary = 2 * size(g.random, 20);
        int start = g.random.nextInt(4);
        int width = start + rotary + g.random.nextInt(4);
        int cut = size(g.random, width - 1);
        List<String> values = g.values(heads * width, 3);
        String x = values.getFirst();
        x = g.add("positions", new PositionEmbed(2), x, g.weight("table2", 1, TOKENS + 2, heads * width));
        RopeFrequencies frequencies = RopeFrequencies.Fixed.of(10_000, rotary);
        RopeSettings.Pairing[] pairings = RopeSettings.Pairing.values();
        for (RopeSettings.Pairing pairing : pairings) {
            x = g.add(
                    "rope" + pairing, new Rope(new RopeSettings(heads, width, start, rotary, pairing, frequencies)), x);
        }
        x = g.add("temperature", new PositionScale(0.3, 7), x);
        List<Integer> widths = List.of(cut, width - cut);
        List<String> parts = g.graph.add("cut", new SplitHeads(heads, widths), List.of(x), List.of("left", "right"));
        compare(
                g,
                g.add(
                        "join",
                        new JoinHeads(heads, List.of(widths.get(1), 3, widths.get(0))),
                        parts.get(1),
                        values.get(1),
                        parts.get(0)));
    }

    @Property(tries = 60)
    void attentionOfEveryKind(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 60);
        int keyValueHeads = size(g.random, 3);
        int heads = keyValueHeads * size(g.random, 3);
        int keyWidth = size(g.random, 40);
        int valueWidth = size(g.random, 40);
        AttentionSettings settings =
                AttentionSettings.causal(heads, keyValueHeads, keyWidth, valueWidth, 1 / Math.sqrt(keyWidth));
        if (g.random.nextBoolean()) {
            settings = g.random.nextBoolean()
                    ? settings.withWindow(size(g.random, 50))
                    : settings.withChunk(size(g.random, 50));
        }
        settings = g.random.nextInt(3) == 0 ? settings.withSoftcap(1.5) : settings;
        settings = g.random.nextInt(3) == 0
                ? settings.withSlopes(IntStream.range(0, heads)
                        .mapToObj(h -> Math.pow(0.5, h + 1))
                        .toList())
                : settings;
        List<String> x = g.values(heads * keyWidth, keyValueHeads * keyWidth, keyValueHeads * valueWidth);
        List<String> operands = new ArrayList<>(x);
        if (g.random.nextInt(3) == 0) {
            settings = settings.withSinks();
            operands.add(g.weight("sinks", 1, heads));
        }
        if (g.random.nextInt(3) == 0) {
            settings = settings.withRelativeBias(new RelativeBias(8, 20, g.random.nextBoolean()));
            operands.add(g.weight("bias", 1, 8, heads));
        }
        compare(g, g.add("attention", new MaskedAttention(settings), operands.toArray(new String[0])));
    }

    @Property(tries = 20)
    void convolutions(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 40);
        int width = size(g.random, 70);
        String x = g.values(width).getFirst();
        x = g.add("conv", new CausalConv(), x, g.weight("w", 0.5, width, size(g.random, 5)), g.weight("b", 1, width));
        compare(g, g.add("second", new CausalConv(), x, g.weight("w2", 0.5, width, 4)));
    }

    @Property(tries = 20)
    void selectiveScans(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 40);
        int channels = size(g.random, 150);
        int states = size(g.random, 18);
        List<String> x = g.values(channels, channels, states, states);
        String dt = g.add("dt", new Activate(Activation.SOFTPLUS), x.get(1));
        float[] a = new float[channels * states];
        for (int i = 0; i < a.length; i++) {
            a[i] = -g.random.nextFloat(3);
        }
        String decay = g.graph.parameter("a", Type.f32(channels, states), a::clone);
        compare(
                g,
                g.add(
                        "scan",
                        new SelectiveScan(),
                        x.get(0),
                        dt,
                        decay,
                        x.get(2),
                        x.get(3),
                        g.weight("d", 1, channels)));
    }

    @Property(tries = 30)
    void linearRecurrences(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 40);
        int keyHeads = size(g.random, 3);
        int heads = keyHeads * size(g.random, 3);
        int keyWidth = size(g.random, 20);
        int valueWidth = g.random.nextBoolean() ? size(g.random, 40) : 64 * size(g.random, 2);
        boolean delta = g.random.nextBoolean();
        List<String> x = g.values(keyHeads * keyWidth, keyHeads * keyWidth, heads * valueWidth, heads, heads);
        String q = g.add("q", new RmsNorm(1e-6, keyHeads), x.get(0));
        String k = g.add("k", new Scale(1 / Math.sqrt(keyWidth)), g.add("kn", new RmsNorm(1e-6, keyHeads), x.get(1)));
        float[] rates = new float[heads];
        for (int h = 0; h < heads; h++) {
            rates[h] = -g.random.nextFloat();
        }
        String g0 = g.random.nextBoolean()
                ? g.graph.parameter("decay", Type.f32(heads), rates::clone)
                : g.add("decay", new Scale(-1), g.add("positive", new Activate(Activation.SOFTPLUS), x.get(3)));
        List<String> operands = new ArrayList<>(List.of(q, k, x.get(2), g0));
        if (delta) {
            operands.add(g.add("beta", new Activate(Activation.SIGMOID), x.get(4)));
        }
        compare(
                g,
                g.add(
                        "recurrence",
                        new LinearRecurrence(heads, keyHeads, keyWidth, valueWidth, delta),
                        operands.toArray(new String[0])));
    }

    @Property(tries = 10)
    void lightningAttention(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 40);
        int heads = size(g.random, 3);
        int keyWidth = size(g.random, 20);
        int valueWidth = size(g.random, 30);
        int block = size(g.random, 20);
        List<String> x = g.values(heads * keyWidth, heads * keyWidth, heads * valueWidth);
        List<String> operands = new ArrayList<>(List.of(
                g.add("q", new RmsNorm(1e-6, heads), x.get(0)),
                g.add("k", new RmsNorm(1e-6, heads), x.get(1)),
                x.get(2)));
        for (String table : List.of("within", "before", "after")) {
            operands.add(g.weight(table, 1, heads, block));
        }
        operands.add(g.weight("across", 0.5, heads));
        LightningAttention op = new LightningAttention(heads, keyWidth, valueWidth, block);
        compare(g, g.add("lightning", op, operands.toArray(new String[0])));
    }

    @Property(tries = 10)
    void linearLayers(@ForAll long seed) {
        TestGraph g = new TestGraph(seed, 40);
        int width = size(g.random, 300);
        String x = g.values(width).getFirst();
        String a = g.add("a", new Linear(), x, g.matrix("wa", 30, width), g.weight("ba", 1, 30));
        String b = g.add("b", new Linear(), x, g.matrix("wb", 30, width));
        compare(g, g.add("sum", new Add(), a, b), false);
    }
}
