package tilewright.hw.arith;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The referee is LayerNorm in float64 on the dequantised row. */
class LayerNormUnitTest {
    private static final double EPSILON = 1e-6;

    private static double[] exact(int[] row, double scale, float[] gamma, float[] beta) {
        double mean = 0;
        for (int x : row) {
            mean += x * scale / row.length;
        }
        double variance = 0;
        for (int x : row) {
            variance += (x * scale - mean) * (x * scale - mean) / row.length;
        }
        double[] out = new double[row.length];
        for (int i = 0; i < row.length; i++) {
            out[i] = (row[i] * scale - mean) / Math.sqrt(variance + EPSILON) * gamma[i] + beta[i];
        }
        return out;
    }

    private static void check(int[] row, double scale, int inputBits, int outputBits, SplittableRandom random) {
        int features = row.length;
        float[] gamma = new float[features];
        float[] beta = new float[features];
        for (int i = 0; i < features; i++) {
            gamma[i] = (float) random.nextDouble(-2, 2);
            beta[i] = (float) random.nextDouble(-1, 1);
        }
        double[] expected = exact(row, scale, gamma, beta);
        double largest = 1e-3;
        for (double value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        double outputScale = largest / FixedPoint.highest(outputBits);
        LayerNormParameters parameters =
                LayerNormParameters.quantise(gamma, beta, EPSILON, scale, inputBits, outputScale);
        int[] out = new int[features];
        LayerNormUnit unit = new LayerNormUnit(features, inputBits);
        unit.apply(row, 0, parameters, outputBits, out, 0);
        double normalised = 0;
        for (int i = 0; i < features; i++) {
            normalised = Math.max(normalised, Math.abs((expected[i] - beta[i]) / gamma[i]));
        }
        // Half a unit of rounding, gamma's 17 bits relative to the largest gamma, and the rounding of the mean.
        double mean = Arrays.stream(row).average().orElseThrow();
        double variance =
                Arrays.stream(row).mapToDouble(x -> (x - mean) * (x - mean)).sum() / features;
        double deviation = Math.sqrt(variance + EPSILON / (scale * scale));
        double meanError = Math.scalb(0.5, -unit.fractionBits()) / deviation;
        double tolerance = 0.5 + 2 * (normalised * 0x1p-16 + 1.01 * meanError) / outputScale;
        for (int i = 0; i < features; i++) {
            assertEquals(expected[i] / outputScale, out[i], tolerance, "feature " + i);
        }
    }

    @Property(tries = 300)
    void randomRowsNormaliseAsInFloat64(
            @ForAll long seed, @ForAll @IntRange(min = 2, max = 1100) int features, @ForAll boolean wide) {
        SplittableRandom random = new SplittableRandom(seed);
        int inputBits = wide ? 24 : 16;
        int bound = 1 << random.nextInt(6, inputBits - 1);
        int offset = random.nextInt(-bound, bound);
        int[] row = new int[features];
        for (int i = 0; i < features; i++) {
            row[i] = (int) FixedPoint.saturate(offset + random.nextInt(-bound, bound), inputBits);
        }
        check(row, wide ? 1e-5 : 1e-3, inputBits, wide ? 16 : 8, random);
    }

    @Test
    void extremeRowsNeitherOverflowNorDivideByZero() {
        SplittableRandom random = new SplittableRandom(5);
        for (int features : new int[] {1, 2, 96, 768, 4096, 8192}) {
            for (int inputBits : new int[] {16, 24}) {
                if (features > 4096 && inputBits == 24) {
                    continue;
                }
                int high = (int) FixedPoint.highest(inputBits);
                int[] constant = new int[features];
                Arrays.fill(constant, high);
                check(constant, 1e-4, inputBits, 8, random);
                int[] alternating = new int[features];
                for (int i = 0; i < features; i++) {
                    alternating[i] = i % 2 == 0 ? high : -high - 1;
                }
                check(alternating, 1e-4, inputBits, 8, random);
                int[] spike = new int[features];
                spike[features / 2] = -high - 1;
                check(spike, 1e-4, inputBits, 8, random);
            }
        }
    }

    @Property(tries = 200)
    void withoutTheMeanItIsRootMeanSquareNorm(@ForAll long seed, @ForAll @IntRange(min = 2, max = 900) int features) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] row = new int[features];
        float[] gamma = new float[features];
        double squares = 0;
        double scale = 1e-3;
        for (int i = 0; i < features; i++) {
            row[i] = random.nextInt(-9_000, 20_000);
            gamma[i] = (float) random.nextDouble(-2, 2);
            squares += row[i] * scale * row[i] * scale;
        }
        double deviation = Math.sqrt(squares / features + EPSILON);
        double outputScale = 20.0 * 2 / 32767;
        LayerNormParameters parameters =
                LayerNormParameters.quantise(gamma, new float[features], EPSILON, scale, 16, outputScale);
        int[] out = new int[features];
        LayerNormUnit.rootMeanSquare(features, 16).apply(row, 0, parameters, 16, out, 0);
        for (int i = 0; i < features; i++) {
            double normalised = row[i] * scale / deviation;
            double tolerance = 0.5 + 2 * Math.abs(normalised) * 0x1p-16 / outputScale;
            assertEquals(normalised * gamma[i] / outputScale, out[i], tolerance, "feature " + i);
        }
    }

    @Test
    void theSquareRootIsTheFloorOverItsWholeRange() {
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong(1L << 60, 1L << 62);
            long root = LayerNormUnit.squareRoot(value);
            assertTrue(root * root <= value && (root + 1) * (root + 1) > value, () -> "root of " + value);
        }
    }
}
