package tilewright.compiler.profile;

import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.matrix.ExpertProduct;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.KernelChoice;
import tilewright.edge.matrix.Parallel;
import tilewright.edge.vector.ActivationLoops;
import tilewright.model.graph.Experts;
import tilewright.model.graph.GatedExperts;
import tilewright.model.graph.GatedUnit;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Node;
import tilewright.model.graph.Parameter;

/** Runs rows through a layer's experts outside of the engine and shows what lies between their matrices; for one thread. */
final class ExpertRun {
    private final ExpertProduct product = new ExpertProduct(KernelChoice.AUTO.kernels(ActivationPrecision.FLOAT));
    private final Parallel thread = Parallel.serial();
    private final ExpertWeights weights;
    private final float[] gateBias;
    private final float[] upBias;
    private final float[] downBias;
    private final ExpertProduct.Unit unit;
    private float[] hidden = new float[0];

    /**
     * A layer's biases and unit.
     *
     * @param weights the layer's experts
     */
    ExpertRun(Graph graph, RoutedLayer layer, ExpertWeights weights) {
        this.weights = weights;
        Node node = layer.experts().node();
        boolean gated = node.op() instanceof GatedExperts;
        this.gateBias = gated ? numbers(graph, node, 5) : node.inputs().size() > 4 ? numbers(graph, node, 3) : null;
        this.upBias = gated ? numbers(graph, node, 6) : null;
        this.downBias = gated ? numbers(graph, node, 7) : node.inputs().size() > 4 ? numbers(graph, node, 5) : null;
        this.unit = switch (node.op()) {
            case GatedExperts op -> (gate, up, at, count) -> apply(op.unit(), gate, up, at, count);
            case Experts op ->
                (gate, _, at, count) -> ActivationLoops.apply(op.activation(), gate, at, gate, at, count);
            default -> throw new IllegalArgumentException("node '" + node.name() + "' has no experts");
        };
    }

    private static float[] numbers(Graph graph, Node node, int operand) {
        if (operand >= node.inputs().size()) {
            return null;
        }
        Parameter parameter = graph.parameters().get(node.inputs().get(operand));
        return parameter.data().load();
    }

    private static void apply(GatedUnit unit, float[] gate, float[] up, int at, int count) {
        float limit = (float) unit.limit();
        float offset = (float) unit.upOffset();
        for (int i = at; i < at + count; i++) {
            gate[i] = Math.min(gate[i], limit);
        }
        ActivationLoops.apply(unit.activation(), gate, at, gate, at, count);
        for (int i = at; i < at + count; i++) {
            gate[i] *= Math.min(Math.max(up[i], -limit), limit) + offset;
        }
    }

    /**
     * Computes outputs by other matrices than the layer's.
     *
     * @param experts of the layer's shape
     * @param rows grouped by expert, see {@link Queues}
     * @param out takes a row of outputs for each row
     */
    void outputs(ExpertWeights experts, float[] rows, int[] offsets, float[] out) {
        int elements = Math.multiplyExact(offsets[offsets.length - 1], weights.hidden());
        hidden = hidden.length < elements ? new float[elements] : hidden;
        ExpertProduct.Unit recording = (gate, up, at, count) -> {
            unit.apply(gate, up, at, count);
            System.arraycopy(gate, at, hidden, at, count);
        };
        product.multiply(
                thread,
                new ExpertProduct.Layer(experts, gateBias, upBias, downBias, recording),
                ActivationPrecision.FLOAT,
                rows,
                0,
                weights.width(),
                offsets,
                out,
                0,
                weights.outputs());
    }

    /** Computes outputs by the layer's own matrices. */
    void outputs(float[] rows, int[] offsets, float[] out) {
        outputs(weights, rows, offsets, out);
    }

    /** The inputs of the last matrices at the latest run: [rows, hidden]; valid until the next. */
    float[] hidden() {
        return hidden;
    }

    /** The layer's experts. */
    ExpertWeights weights() {
        return weights;
    }
}
