package tilewright.compiler.quant;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.edge.Executor;
import tilewright.edge.Tensor;
import tilewright.model.graph.Activation;
import tilewright.model.graph.Dispatch;
import tilewright.model.graph.ElementType;
import tilewright.model.graph.Experts;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Node;
import tilewright.model.graph.Router;
import tilewright.model.graph.Type;

/**
 * Collects the statistics of every float value of a graph while an executor runs it.
 *
 * <p>What the {@link Experts} operator keeps to itself, the rows between its two layers, is recomputed here.
 */
public final class Calibrator {
    private final Graph graph;
    private final Executor executor;
    private final Map<String, ValueStatistics> statistics;
    private final List<String> fetch = new ArrayList<>();
    private final List<Node> experts = new ArrayList<>();
    private final List<Node> routers = new ArrayList<>();
    private final Map<String, long[]> routing = new LinkedHashMap<>();

    /**
     * Prepares the collection for one task's graph.
     *
     * @param statistics by value name; tasks that share a value add to the same entry
     */
    public Calibrator(Graph graph, Executor executor, Map<String, ValueStatistics> statistics) {
        this.graph = graph;
        this.executor = executor;
        this.statistics = statistics;
        Map<String, Type> types = graph.types();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Experts) {
                experts.add(node);
            }
            if (node.op() instanceof Router router) {
                routers.add(node);
                routing.put(node.name(), new long[router.settings().experts()]);
            }
            for (String output : node.outputs()) {
                boolean indices = node.op() instanceof Dispatch || node.op() instanceof Router;
                if (types.get(output).element() == ElementType.F32 || indices) {
                    fetch.add(output);
                }
            }
        }
    }

    /** The name under which the rows between an Experts node's first layer and its activation are kept. */
    static String expertInner(Node node) {
        return node.name() + ".inner";
    }

    /** The name under which the rows after an Experts node's activation are kept. */
    static String expertHidden(Node node) {
        return node.name() + ".hidden";
    }

    /**
     * Runs the graph on a batch and takes its values in.
     *
     * @param pixels {@code [batch, channels, height, width]}, 0 to 255
     */
    public void add(Tensor pixels) {
        Map<String, Tensor> values = executor.run(Map.of("pixels", pixels), fetch);
        values.forEach((name, tensor) -> entry(name).add(tensor.data()));
        for (Node node : routers) {
            long[] load = routing.get(node.name());
            for (float id : values.get(node.outputs().getFirst()).data()) {
                load[(int) id]++;
            }
        }
        for (Node node : experts) {
            addExperts(
                    node,
                    values.get(node.inputs().get(0)),
                    values.get(node.inputs().get(1)));
        }
    }

    /** How often each router chose each of its experts, by node name. */
    public Map<String, long[]> routing() {
        return routing;
    }

    private void addExperts(Node node, Tensor queue, Tensor offsets) {
        float[] weights = floats(node.inputs().get(2));
        float[] bias = floats(node.inputs().get(3));
        int features = queue.dims()[1];
        int count = offsets.data().length - 1;
        int hidden = bias.length / count;
        Activation activation = ((Experts) node.op()).activation();
        float[] inner = new float[hidden];
        float[] outer = new float[hidden];
        for (int e = 0; e < count; e++) {
            for (int row = (int) offsets.data()[e]; row < (int) offsets.data()[e + 1]; row++) {
                for (int h = 0; h < hidden; h++) {
                    inner[h] = bias[e * hidden + h]
                            + dot(weights, (e * hidden + h) * features, queue.data(), row * features, features);
                    outer[h] = (float) activation.apply(inner[h]);
                }
                entry(expertInner(node)).add(inner);
                entry(expertHidden(node)).add(outer);
            }
        }
    }

    /** An inner product in four partial sums, for speed. */
    private static float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        int i = 0;
        for (; i + 3 < length; i += 4) {
            sum0 += a[aOffset + i] * b[bOffset + i];
            sum1 += a[aOffset + i + 1] * b[bOffset + i + 1];
            sum2 += a[aOffset + i + 2] * b[bOffset + i + 2];
            sum3 += a[aOffset + i + 3] * b[bOffset + i + 3];
        }
        for (; i < length; i++) {
            sum0 += a[aOffset + i] * b[bOffset + i];
        }
        return sum0 + sum1 + sum2 + sum3;
    }

    private ValueStatistics entry(String name) {
        return statistics.computeIfAbsent(name, absent -> new ValueStatistics());
    }

    private float[] floats(String name) {
        return graph.parameters().get(name).data().load();
    }
}
