package tilewright.compiler.profile;

import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.matrix.ExpertProduct;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.KernelChoice;
import tilewright.edge.matrix.Parallel;
import tilewright.model.graph.Graph;

/** Runs rows through a layer's experts outside of the engine and shows what lies between their matrices; for one thread. */
final class ExpertRun {
    private final ExpertProduct product;
    private final Parallel thread = Parallel.serial();
    private final ExpertWeights weights;
    private final ExpertUnit unit;
    private float[] hidden = new float[0];

    /**
     * A layer's biases and unit.
     *
     * @param weights the layer's experts
     */
    ExpertRun(Graph graph, RoutedLayer layer, ExpertWeights weights) {
        this(graph, layer, weights, product());
    }

    /** As above, by a product that other layers use, too. */
    ExpertRun(Graph graph, RoutedLayer layer, ExpertWeights weights, ExpertProduct product) {
        this.product = product;
        this.weights = weights;
        this.unit = ExpertUnit.of(graph, layer.experts().node());
    }

    /** A product for one thread. */
    static ExpertProduct product() {
        return new ExpertProduct(KernelChoice.AUTO.kernels(ActivationPrecision.FLOAT));
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
            unit.unit().apply(gate, up, at, count);
            System.arraycopy(gate, at, hidden, at, count);
        };
        product.multiply(
                thread,
                new ExpertProduct.Layer(experts, unit.gateBias(), unit.upBias(), unit.downBias(), recording),
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
