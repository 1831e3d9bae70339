package tilewright.compiler.quant;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.TaskProgram;
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
import tilewright.model.graph.Node;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.Split;
import tilewright.model.graph.Type;

/** Pieces of small graphs: grey images of 4 x 4 in patches of 2, one class token, width 4. */
final class Sketch {
    static final int TOKENS = 5;
    static final int WIDTH = 4;

    final GraphBuilder graph = new GraphBuilder("sketch");
    private final Random random = new Random(1);

    String weight(String name, long... shape) {
        Type type = Type.f32(shape);
        float[] values = new float[(int) type.shape().elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / 2;
        }
        return graph.parameter(name, type, values::clone);
    }

    String pixels() {
        return graph.input("pixels", Type.f32(Dim.BATCH, Dim.of(1), Dim.of(4), Dim.of(4)));
    }

    String patches(String name, String pixels) {
        return graph.add(name, new PatchEmbed(2), pixels, weight(name + ".weight", WIDTH, 1, 2, 2));
    }

    /** The residual stream's first value, {@code embed}. */
    String embed() {
        String tokens = graph.add("tokens", new Concat(), weight("cls", 1, WIDTH), patches("patches", pixels()));
        return graph.add("embed", new Add(), tokens, weight("positions", TOKENS, WIDTH));
    }

    String norm(String name, String x) {
        return graph.add(name, new LayerNorm(1e-6), x, weight(name + ".gamma", WIDTH), weight(name + ".beta", WIDTH));
    }

    String linear(String name, String x, int outputs) {
        long inputs = graph.type(x).shape().size(-1);
        return graph.add(name, new Linear(), x, weight(name + ".weight", outputs, inputs));
    }

    String add(String name, String x, String y) {
        return graph.add(name, new Add(), x, y);
    }

    /** Query, key and value of one linear layer. */
    List<String> qkv(String block, String x) {
        return graph.add(
                block + ".split",
                new Split(3),
                List.of(linear(block + ".qkv", x, 3 * WIDTH)),
                List.of(block + ".q", block + ".k", block + ".v"));
    }

    String attention(String block, List<String> operands) {
        return graph.add(block + ".attention", new Attention(2, 0.7), operands.toArray(new String[0]));
    }

    List<String> route(String block, String x, RouterSettings settings) {
        return graph.add(
                block + ".router",
                new Router(settings),
                List.of(x, weight(block + ".gate", settings.experts(), WIDTH)),
                List.of(block + ".router.ids", block + ".router.weights"));
    }

    List<String> dispatch(String block, String x, List<String> routes) {
        return graph.add(
                block + ".dispatch",
                new Dispatch(3),
                List.of(x, routes.get(0)),
                List.of(block + ".queue", block + ".offsets", block + ".slots"));
    }

    String experts(String block, String queue, String offsets) {
        return graph.add(
                block + ".experts",
                new Experts(Activation.GELU_ERF),
                queue,
                offsets,
                weight(block + ".w1", 3, 2, WIDTH),
                weight(block + ".b1", 3, 2),
                weight(block + ".w2", 3, WIDTH, 2),
                weight(block + ".b2", 3, WIDTH));
    }

    /** Three experts, two per token, combined but not added to anything. */
    String mixture(String block, String x) {
        return mixture(block, x, RouterSettings.softmaxThenTopK(3, 2, List.of()));
    }

    String mixture(String block, String x, RouterSettings settings) {
        List<String> routes = route(block, x, settings);
        List<String> queues = dispatch(block, x, routes);
        String outputs = experts(block, queues.get(0), queues.get(1));
        return graph.add(block + ".moe", new Combine(2), outputs, queues.get(2), routes.get(1));
    }

    Graph graph(String output) {
        graph.output("out", output);
        return graph.build();
    }

    /** Lowers a graph as it is, with the range 1 for every value. */
    static TaskProgram lower(Graph graph, int bits) {
        IntegerFormat format = new IntegerFormat(bits);
        Map<String, ValueStatistics> statistics = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            node.outputs().forEach(value -> statistics.put(value, one()));
            statistics.put(Calibrator.expertInner(node), one());
            statistics.put(Calibrator.expertHidden(node), one());
        }
        Buffer residual = Buffer.of("residual", TOKENS, WIDTH, format.residualBits(), 1e-3);
        Lowering.Quantised shared = new Lowering.Quantised(residual, new SoftmaxFormat(TOKENS), new LinkedHashMap<>());
        return new Lowering(graph, shared, format, new Scales(statistics, ScalePolicy.MIN_MAX, format)).lower();
    }

    private static ValueStatistics one() {
        ValueStatistics statistics = new ValueStatistics();
        statistics.add(new float[] {1, -1, 0.5f});
        return statistics;
    }
}
