package tilewright.edge.matrix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.format.GroupedCodes;

/** Products with nested panels against float64 products with the values that grouped codes define. */
class NestedKernelsTest {
    private static final double FLOAT_TOLERANCE = 4e-6;
    private static final float UNTOUCHED = 12345.5f;

    /**
     * Multiplies in two runs of panels and compares.
     *
     * @param whole whether the residual is there
     */
    static void check(
            MatrixKernels kernels,
            ActivationPrecision precision,
            GroupedCodes codes,
            boolean whole,
            Random random,
            int rows,
            String message) {
        int width = codes.width();
        int outputs = codes.rows();
        MatrixWeights weights = GroupedPanelsTest.packed(codes, whole);
        float[] w = GroupedPanelsTest.decoded(codes, whole);
        float[] x = Stored.activations(random, rows * width);
        float[] bias = random.nextBoolean() ? null : Stored.activations(random, outputs);
        Activations all = Activations.of(kernels, x, 0, width, rows, width, precision);
        int stride = outputs + 3;
        float[] y = new float[rows * stride];
        Arrays.fill(y, UNTOUCHED);
        int cut = weights.panels() / 3;
        KernelScratch scratch = new KernelScratch();
        kernels.multiply(weights, all, 0, rows, 0, cut, bias, 0, y, 0, stride, scratch);
        kernels.multiply(weights, all, 0, rows, cut, weights.panels(), bias, 0, y, 0, stride, scratch);
        for (int r = 0; r < rows; r++) {
            for (int o = 0; o < outputs; o++) {
                double expected = bias == null ? 0 : bias[o];
                double magnitudes = 0;
                double largest = 0;
                double rounded = 0;
                for (int from = 0; from < width; from += 32) {
                    double block = 0;
                    double weight = 0;
                    for (int i = from; i < Math.min(width, from + 32); i++) {
                        double xi = x[r * width + i];
                        double wi = w[o * width + i];
                        expected += xi * wi;
                        magnitudes += Math.abs(xi);
                        largest = Math.max(largest, Math.abs(wi));
                        block = Math.max(block, Math.abs(xi));
                        weight += Math.abs(wi);
                    }
                    rounded += weight * block / 253;
                }
                double tolerance = FLOAT_TOLERANCE * magnitudes * largest
                        + 2e-7 * Math.abs(expected)
                        + (bias == null ? 0 : 2e-7 * Math.abs(bias[o]))
                        + (precision == ActivationPrecision.INT8 ? rounded : 0);
                assertEquals(expected, y[r * stride + o], tolerance, message + ", row " + r + ", output " + o);
            }
            for (int gap = outputs; gap < stride; gap++) {
                assertEquals(UNTOUCHED, y[r * stride + gap], message + ": wrote beyond row " + r);
            }
        }
    }

    /** Some shapes, rows of activations for both ways of multiplying, with and without the residual. */
    static void check(MatrixKernels kernels, ActivationPrecision precision, int bits) {
        for (long seed = 0; seed < 24; seed++) {
            Random random = new Random(seed);
            int rows = seed < 10 ? 1 + (int) seed : 1 + random.nextInt(40);
            int width = seed % 6 == 0 ? 64 * (1 + random.nextInt(30)) : 1 + random.nextInt(1500);
            GroupedCodes codes = GroupedPanelsTest.random(random, bits, 1 + random.nextInt(80), width);
            String message = bits + " bits, " + precision + ", seed " + seed + ", " + codes.rows() + " x " + width
                    + ", " + rows + " rows";
            check(kernels, precision, codes, true, random, rows, message);
            check(kernels, precision, codes, false, random, rows, message + ", base only");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 8})
    void productsOfAnyShapeAreThoseOfTheDecodedValues(int bits) {
        check(VectorKernels.INSTANCE, ActivationPrecision.FLOAT, bits);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 8})
    void eightBitActivationsStayWithinTheirRounding(int bits) {
        check(VectorKernels.INSTANCE, ActivationPrecision.INT8, bits);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 8})
    void plainKernelsComputeTheSame(int bits) {
        check(ScalarKernels.INSTANCE, ActivationPrecision.FLOAT, bits);
    }
}
