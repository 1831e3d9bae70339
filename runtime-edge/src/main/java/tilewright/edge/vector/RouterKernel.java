package tilewright.edge.vector;

import java.util.List;
import tilewright.model.graph.RouterSettings;

/**
 * {@link tilewright.model.graph.Router} with one gate.
 *
 * <p>Softmax and logistic grow with the score, so experts are chosen on the scores: float32 exponentials can then make no ties.
 */
record RouterKernel(RouterSettings settings) implements Kernel {
    @Override
    public List<Value> run(List<Operand> operands, Context context) {
        Operand x = operands.get(0);
        PackedMatrix packed = operands.get(1).packed(1, x.dim(-1))[0];
        int stride = PackedMatrix.padded(packed.outputs());
        PackedMatrix gate = new PackedMatrix(stride, packed.width(), packed.panels());
        float[] noBias = new float[stride];
        Value ids = context.makeRows(x, settings.topK());
        Value weights = context.makeRows(x, settings.topK());
        int block =
                LinearKernel.blockRows(x.rows(), x.dim(-1), context.workers().threads());
        context.workers().forBlocks(x.rows(), block, (from, to, scratch) -> {
            float[] scores = scratch.floats(0, block * stride);
            float[] lanes = scratch.floats(1, MatrixProduct.LANES);
            MatrixProduct.multiply(x.data(), x.row(from), x.rowStride(), to - from, gate, noBias, 0, scores, 0, stride);
            for (int row = from; row < to; row++) {
                route(scores, (row - from) * stride, lanes, ids.data(), weights.data(), ids.row(row));
            }
        });
        return List.of(ids, weights);
    }

    @Override
    public void load(Operand weight, int index) {
        weight.packed(1, weight.dim(-1));
    }

    private void route(float[] scores, int from, float[] lanes, float[] ids, float[] weights, int to) {
        int experts = settings.experts();
        int topK = settings.topK();
        select(scores, from, ids, weights, to);
        switch (settings.normalise()) {
            case SOFTMAX_BEFORE_SELECT -> {
                float sum = VectorMath.exponentials(scores, from, experts, lanes, 0);
                for (int j = to; j < to + topK; j++) {
                    weights[j] = scores[from + (int) ids[j]] / sum;
                }
            }
            case SOFTMAX_AFTER_SELECT -> {
                double max = weights[to];
                for (int j = to; j < to + topK; j++) {
                    weights[j] = (float) Math.exp(weights[j] - max);
                }
                normalise(weights, to, topK);
            }
            case SIGMOID -> {
                for (int j = to; j < to + topK; j++) {
                    weights[j] = (float) (1 / (1 + Math.exp(-weights[j])));
                }
            }
            default -> throw new IllegalStateException("no kernel for " + settings.normalise());
        }
        if (settings.renormalise()) {
            normalise(weights, to, topK);
        }
    }

    /** Divides weights by their sum. */
    private static void normalise(float[] weights, int from, int count) {
        float sum = 0;
        for (int j = from; j < from + count; j++) {
            sum += weights[j];
        }
        for (int j = from; j < from + count; j++) {
            weights[j] /= sum;
        }
    }

    /** The top-k scores in falling order by insertion; a later expert moves ahead only when strictly greater. */
    private void select(float[] scores, int from, float[] ids, float[] best, int to) {
        int topK = settings.topK();
        for (int e = 0; e < settings.experts(); e++) {
            float score = scores[from + e];
            int kept = Math.min(e, topK);
            int place = kept;
            while (place > 0 && score > best[to + place - 1]) {
                place--;
            }
            if (place < topK) {
                for (int j = Math.min(kept, topK - 1); j > place; j--) {
                    best[to + j] = best[to + j - 1];
                    ids[to + j] = ids[to + j - 1];
                }
                best[to + place] = score;
                ids[to + place] = e;
            }
        }
    }
}
