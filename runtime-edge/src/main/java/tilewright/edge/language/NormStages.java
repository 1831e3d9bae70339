package tilewright.edge.language;

import static tilewright.edge.vector.MatrixProduct.LANES;

import java.util.function.IntFunction;
import tilewright.model.graph.LayerNorm;
import tilewright.model.graph.Op;
import tilewright.model.graph.RmsNorm;

/** {@link RmsNorm} and {@link LayerNorm}; results may take x's place. */
final class NormStages {
    private NormStages() {}

    /**
     * The stage of a norm.
     *
     * @param numbers the values of the parameter that is a node's operand of this number; null where there is none
     * @throws IllegalArgumentException when the operator is none
     */
    static Stage of(Op norm, IntFunction<float[]> numbers, Rows x, Rows out) {
        return switch (norm) {
            case RmsNorm(double epsilon, int groups) -> rms(epsilon, groups, x, numbers.apply(1), out);
            case LayerNorm(double epsilon, int groups) ->
                layer(epsilon, groups, x, numbers.apply(1), numbers.apply(2), out);
            default -> throw new IllegalArgumentException(norm.mnemonic() + " is no norm");
        };
    }

    /**
     * Each group divided by its root mean square.
     *
     * @param weight null for none; of one group or of the whole row
     */
    private static Stage rms(double epsilon, int groups, Rows x, float[] weight, Rows out) {
        int width = x.width() / groups;
        return pass -> pass.team().ranges(x.rows(), 3 * x.elements(), (from, to, scratch) -> {
            float[] lanes = scratch.floats(0, LANES);
            for (int row = from; row < to; row++) {
                for (int g = 0; g < groups; g++) {
                    int in = x.at(row) + g * width;
                    int at = out.at(row) + g * width;
                    float mean = ElementLoops.squares(x.data(), in, width, 0, lanes) / width;
                    float inverse = (float) (1 / Math.sqrt(mean + epsilon));
                    ElementLoops.scale(x.data(), in, inverse, out.data(), at, width);
                    if (weight != null) {
                        ElementLoops.multiply(out.data(), at, weight, g * width % weight.length, out.data(), at, width);
                    }
                }
            }
        });
    }

    /**
     * Each group at mean 0 and variance 1; the mean first, then the variance around it, so that nothing cancels.
     *
     * @param gamma null for none; of one group or of the whole row
     * @param beta likewise
     */
    private static Stage layer(double epsilon, int groups, Rows x, float[] gamma, float[] beta, Rows out) {
        int width = x.width() / groups;
        return pass -> pass.team().ranges(x.rows(), 5 * x.elements(), (from, to, scratch) -> {
            float[] lanes = scratch.floats(0, LANES);
            float[] data = out.data();
            for (int row = from; row < to; row++) {
                for (int g = 0; g < groups; g++) {
                    int in = x.at(row) + g * width;
                    int at = out.at(row) + g * width;
                    float mean = ElementLoops.sum(x.data(), in, width, lanes) / width;
                    float variance = ElementLoops.squares(x.data(), in, width, mean, lanes) / width;
                    ElementLoops.centre(
                            x.data(), in, mean, (float) (1 / Math.sqrt(variance + epsilon)), data, at, width);
                    if (gamma != null) {
                        ElementLoops.multiply(data, at, gamma, g * width % gamma.length, data, at, width);
                    }
                    if (beta != null) {
                        ElementLoops.add(data, at, beta, g * width % beta.length, data, at, width);
                    }
                }
            }
        });
    }
}
