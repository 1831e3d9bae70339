package tilewright.compiler.pass;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Node;
import tilewright.model.graph.Parameter;
import tilewright.model.graph.ParameterData;
import tilewright.model.graph.Split;
import tilewright.model.graph.Type;

/**
 * Joins the three linear layers that make query, key and value from one input into one layer and a split.
 *
 * <p>The fused weight is [3D,in], rows in the order query, key, value. Where some of the three have a bias and others not,
 * the missing ones are zeros. Layers that anything else reads stay as they are.
 */
public final class QkvFusion implements Pass {
    @Override
    public String name() {
        return "qkv-fusion";
    }

    @Override
    public String contract() {
        return "Query, key and value that come from linear layers on one input come from one linear layer.";
    }

    @Override
    public Graph apply(Graph graph) {
        GraphEdit edit = new GraphEdit(graph);
        for (Node node : edit.nodes()) {
            if (node.op() instanceof Attention) {
                fuse(edit, node);
            }
        }
        return edit.done();
    }

    private static void fuse(GraphEdit edit, Node attention) {
        List<Node> layers = new ArrayList<>();
        for (String operand : attention.inputs()) {
            Node layer = edit.producer(operand);
            if (layer == null || !edit.isConstantLinear(layer) || edit.uses(operand) != 1) {
                return;
            }
            layers.add(layer);
        }
        String x = layers.getFirst().inputs().getFirst();
        List<Parameter> weights = new ArrayList<>();
        for (Node layer : layers) {
            Parameter weight = edit.parameter(layer.inputs().get(1));
            if (!layer.inputs().getFirst().equals(x)
                    || !weight.type()
                            .equals(edit.parameter(layers.getFirst().inputs().get(1))
                                    .type())) {
                return;
            }
            weights.add(weight);
        }
        int rows = weights.getFirst().type().shape().size(0);
        int columns = weights.getFirst().type().shape().size(1);
        List<String> inputs = new ArrayList<>(List.of(x));
        inputs.add(edit.add(
                weights.getFirst().name() + "|qkv", Type.f32(3L * rows, columns), joined(weights, rows * columns)));
        if (layers.stream().anyMatch(layer -> layer.inputs().size() > 2)) {
            List<Parameter> biases = new ArrayList<>();
            for (Node layer : layers) {
                biases.add(
                        layer.inputs().size() > 2
                                ? edit.parameter(layer.inputs().get(2))
                                : null);
            }
            Parameter named =
                    biases.stream().filter(bias -> bias != null).findFirst().orElseThrow();
            inputs.add(edit.add(named.name() + "|qkv", Type.f32(3L * rows), joined(biases, rows)));
        }
        String prefix = attention.name().substring(0, attention.name().lastIndexOf('.') + 1);
        String fused = edit.fresh(prefix + "qkv");
        Node linear = new Node(fused, new Linear(), inputs, List.of(fused));
        Node split = new Node(edit.fresh(prefix + "split"), new Split(3), List.of(fused), attention.inputs());
        // The first of the three in order is where x is known to be there and nothing has read the results yet.
        List<Node> order = edit.nodes();
        Node first = layers.stream()
                .min((a, b) -> Integer.compare(order.indexOf(a), order.indexOf(b)))
                .orElseThrow();
        layers.stream().filter(layer -> layer != first).forEach(layer -> edit.replace(layer));
        edit.replace(first, linear, split);
    }

    /** Three parameters of {@code length} elements behind one another; null is zeros. */
    private static ParameterData joined(List<Parameter> parts, int length) {
        return ParameterData.computed(() -> {
            double[] values = new double[parts.size() * length];
            for (int i = 0; i < parts.size(); i++) {
                if (parts.get(i) != null) {
                    System.arraycopy(parts.get(i).data().load64(), 0, values, i * length, length);
                }
            }
            return values;
        });
    }
}
