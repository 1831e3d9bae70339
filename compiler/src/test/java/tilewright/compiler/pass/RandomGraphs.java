package tilewright.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import tilewright.model.graph.Activate;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Add;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Combine;
import tilewright.model.graph.Concat;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.Experts;
import tilewright.model.graph.Graph;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Normalize;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.Scale;
import tilewright.model.graph.SelectTokens;
import tilewright.model.graph.Shape;
import tilewright.model.graph.Split;
import tilewright.model.graph.Tensor64;
import tilewright.model.graph.Type;

/** Small transformers whose sizes, biases, layout and weights come from a seed. */
final class RandomGraphs {
    private final SplittableRandom random;
    private final GraphBuilder graph = new GraphBuilder("random");
    private final int channels;
    private final int heads;
    private final int hidden;

    private RandomGraphs(long seed) {
        random = new SplittableRandom(seed);
        channels = random.nextInt(1, 4);
        heads = random.nextInt(1, 4);
        hidden = heads * random.nextInt(1, 5);
    }

    /** A dense block with separate or fused qkv, a head on each of two tokens, their average as {@code logits}. */
    static Graph dense(long seed, boolean fused, boolean headsAreOutputs) {
        RandomGraphs builder = new RandomGraphs(seed);
        GraphBuilder graph = builder.graph;
        String x = builder.block("block0", builder.embed(), fused, builder.random.nextBoolean());
        String first = builder.linear("first", graph.add("token0", new SelectTokens(0, 1), x), 5, true);
        String second = builder.linear("second", graph.add("token1", new SelectTokens(1, 1), x), 5, true);
        String sum = graph.add("sum", new Add(), first, second);
        graph.output("logits", graph.add("logits", new Scale(0.5), sum));
        if (headsAreOutputs) {
            graph.output("first", first);
        }
        return graph.build();
    }

    /** A dense block, then a mixture with a gate for each of the tasks a and b, and a head for each. */
    static Graph mixture(long seed) {
        RandomGraphs builder = new RandomGraphs(seed);
        GraphBuilder graph = builder.graph;
        String x = builder.block("block0", builder.embed(), true, true);
        String mid = builder.block("block1", x, false, false);
        String moe = builder.experts("block1", mid);
        x = graph.add("block1.out", new Add(), mid, moe);
        graph.output("a", builder.linear("a", x, 3, true));
        graph.output("b", builder.linear("b", x, 4, true));
        graph.tasks(List.of("a", "b"));
        return graph.build();
    }

    /** Two images of raw pixels for a graph. */
    static Tensor64 pixels(Graph graph, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Shape shape = graph.inputs().getFirst().type().shape();
        Tensor64 pixels = Tensor64.zeros(2, shape.size(1), shape.size(2), shape.size(3));
        for (int i = 0; i < pixels.data().length; i++) {
            pixels.data()[i] = random.nextInt(256);
        }
        return pixels;
    }

    private String embed() {
        int patch = random.nextInt(1, 4);
        int rows = random.nextInt(1, 3);
        int columns = random.nextInt(1, 4);
        String pixels = graph.input(
                "pixels", Type.f32(Dim.BATCH, Dim.of(channels), Dim.of(rows * patch), Dim.of(columns * patch)));
        float[] scale = new float[channels];
        float[] offset = new float[channels];
        for (int c = 0; c < channels; c++) {
            scale[c] = random.nextFloat(0.005f, 0.02f);
            offset[c] = random.nextFloat(-1, 1);
        }
        String values = graph.add("pixel_values", new Normalize(scale, offset), pixels);
        List<String> operands =
                new ArrayList<>(List.of(values, weight("embed.weight", hidden, channels, patch, patch)));
        if (random.nextBoolean()) {
            operands.add(weight("embed.bias", hidden));
        }
        String patches = graph.add("patches", new PatchEmbed(patch), operands, List.of("patches"))
                .getFirst();
        return graph.add("embed", new Concat(), weight("cls", 1, hidden), patches);
    }

    private String block(String name, String x, boolean fused, boolean mlp) {
        String norm = graph.add(
                name + ".norm",
                new LayerNorm(1e-6),
                x,
                weight(name + ".gamma", hidden),
                weight(name + ".beta", hidden));
        List<String> qkv = List.of(name + ".q", name + ".k", name + ".v");
        if (fused) {
            String all = linear(name + ".qkv", norm, 3 * hidden, random.nextBoolean());
            graph.add(name + ".split", new Split(3), List.of(all), qkv);
        } else {
            qkv.forEach(part -> linear(part, norm, hidden, random.nextBoolean()));
        }
        double scale = 1 / Math.sqrt((double) hidden / heads);
        String attended = graph.add(
                name + ".attention", new Attention(heads, scale == 1 ? 0.7 : scale), qkv.toArray(new String[0]));
        String mid = graph.add(name + ".mid", new Add(), x, linear(name + ".proj", attended, hidden, true));
        if (!mlp) {
            return mid;
        }
        String inner = graph.add(
                name + ".act", new Activate(Activation.GELU_ERF), linear(name + ".fc1", mid, 2 * hidden, true));
        return graph.add(name, new Add(), mid, linear(name + ".fc2", inner, hidden, true));
    }

    private String experts(String name, String x) {
        List<String> routes = graph.add(
                name + ".router",
                new Router(RouterSettings.softmaxThenTopK(4, 2, List.of("a", "b"))),
                List.of(x, weight(name + ".gate.a", 4, hidden), weight(name + ".gate.b", 4, hidden)),
                List.of(name + ".ids", name + ".weights"));
        List<String> queue = graph.add(
                name + ".dispatch",
                new Dispatch(4),
                List.of(x, routes.get(0)),
                List.of(name + ".queue", name + ".offsets", name + ".slots"));
        String outputs = graph.add(
                name + ".experts",
                new Experts(Activation.GELU_ERF),
                queue.get(0),
                queue.get(1),
                weight(name + ".w1", 4, 3, hidden),
                weight(name + ".b1", 4, 3),
                weight(name + ".w2", 4, hidden, 3),
                weight(name + ".b2", 4, hidden));
        return graph.add(name + ".moe", new Combine(2), outputs, queue.get(2), routes.get(1));
    }

    private String linear(String name, String x, int outputs, boolean bias) {
        List<String> operands = new ArrayList<>(List.of(x, weight(name + ".weight", outputs, hiddenOf(x))));
        if (bias) {
            operands.add(weight(name + ".bias", outputs));
        }
        return graph.add(name, new Linear(), operands, List.of(name)).getFirst();
    }

    private int hiddenOf(String x) {
        return graph.type(x).shape().size(-1);
    }

    private String weight(String name, long... shape) {
        Type type = Type.f32(shape);
        float[] values = new float[(int) type.shape().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat(-1, 1);
        }
        return graph.parameter(name, type, values::clone);
    }
}
