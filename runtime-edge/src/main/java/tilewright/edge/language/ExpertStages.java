package tilewright.edge.language;

import java.util.List;
import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.matrix.Activations;
import tilewright.edge.matrix.ExpertProduct;
import tilewright.edge.matrix.MatrixKernels;
import tilewright.edge.matrix.MatrixWeights;

/** Stages over rows grouped by expert; the result must not take the queue's place. */
final class ExpertStages {
    private ExpertStages() {}

    /**
     * {@link tilewright.model.graph.GatedExperts} and {@link tilewright.model.graph.Experts}.
     *
     * @param offsets of the experts' queues and then of those that are copied through
     */
    static Stage experts(
            ExpertProduct product,
            ExpertProduct.Layer layer,
            ActivationPrecision precision,
            Rows queue,
            Indices offsets,
            Rows out) {
        int experts = layer.weights().experts();
        return pass -> {
            product.multiply(
                    pass.team(),
                    layer,
                    precision,
                    queue.data(),
                    queue.at(0),
                    queue.stride(),
                    offsets.data(),
                    out.data(),
                    out.at(0),
                    out.stride());
            for (int row = offsets.data()[experts]; row < queue.rows(); row++) {
                System.arraycopy(queue.data(), queue.at(row), out.data(), out.at(row), queue.width());
            }
        };
    }

    /**
     * {@link tilewright.model.graph.ExpertLinear}.
     *
     * @param weights one matrix per expert
     * @param bias [experts, outputs], or null
     */
    static Stage linear(
            MatrixKernels kernels,
            LoadedRows loaded,
            List<MatrixWeights> weights,
            float[] bias,
            Rows queue,
            Indices offsets,
            Rows out) {
        int chunk = weights.getFirst().chunkPanels(2);
        int chunks = Math.ceilDiv(weights.getFirst().panels(), chunk);
        long outputs = weights.getFirst().rows();
        return pass -> {
            Activations rows = loaded.of(queue, pass);
            int[] first = offsets.data();
            pass.team().each(weights.size() * chunks, queue.elements() * outputs / 8, (item, scratch) -> {
                int expert = item / chunks;
                int count = first[expert + 1] - first[expert];
                if (count > 0) {
                    MatrixWeights matrix = weights.get(expert);
                    int panel = item % chunks * chunk;
                    kernels.multiply(
                            matrix,
                            rows,
                            first[expert],
                            count,
                            panel,
                            Math.min(matrix.panels(), panel + chunk),
                            bias,
                            (int) (expert * outputs),
                            out.data(),
                            out.at(first[expert]),
                            out.stride(),
                            scratch.kernel());
                }
            });
        };
    }
}
