package tilewright.compiler.profile;

import java.util.Arrays;
import java.util.function.Supplier;
import tilewright.compiler.codes.InputMoments;
import tilewright.model.graph.ExpertMatrix;

/**
 * Second moments that few tokens have not spoilt: those of an expert's inputs are drawn towards those of all the layer's experts,
 * which see the same stream; those between its matrices, whose columns mean something else in each expert, towards equal independent
 * ones.
 */
final class SteadyMoments {
    /** Tokens that what they are drawn towards counts for. */
    private static final long PRIOR = 64;

    private SteadyMoments() {}

    /**
     * Steadied moments.
     *
     * @param pooled moments of the inputs of all the layer's experts
     * @return null when nothing is known
     */
    static InputMoments of(InputMoments own, ExpertMatrix matrix, Supplier<InputMoments> pooled) {
        if (matrix != ExpertMatrix.DOWN) {
            InputMoments all = pooled.get();
            return all.samples() == 0 ? null : own.towards(all, PRIOR);
        }
        double mean = 0;
        for (float square : own.diagonal()) {
            mean += square / (double) own.width();
        }
        if (mean == 0) {
            return null;
        }
        float[] equal = new float[own.width()];
        Arrays.fill(equal, (float) mean);
        return diagonal(own, equal);
    }

    /** {@code own} drawn towards a diagonal. */
    private static InputMoments diagonal(InputMoments own, float[] squares) {
        float[] values = own.values().clone();
        double share = own.samples() / (double) (own.samples() + PRIOR);
        int at = 0;
        for (int first = 0; first < own.width(); first += own.block()) {
            int side = Math.min(own.block(), own.width() - first);
            for (int i = 0; i < side; i++) {
                for (int j = 0; j < side; j++, at++) {
                    values[at] = (float) (share * values[at] + (i == j ? (1 - share) * squares[first + i] : 0));
                }
            }
        }
        return new InputMoments(own.width(), own.block(), own.samples() + PRIOR, values);
    }
}
