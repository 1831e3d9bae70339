package tilewright.compiler.codes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.InvalidInputException;
import tilewright.model.format.GroupedCodes;

class ScaleSearchTest {
    private static final List<MatrixQuantiser> ALL =
            List.of(new Rounding(), ScaleSearch.fast(), ScaleSearch.thorough(), new ErrorFeedback());

    /** The least error over all 65 536 scale and zero bytes; rounding is the best choice of codes for each. */
    private static double optimum(float[] weights, float[] importance, int bits, float unit) {
        double best = Double.POSITIVE_INFINITY;
        int top = (1 << bits) - 1;
        for (int scaleByte = 0; scaleByte < 256; scaleByte++) {
            double scale = (double) unit * (16 + scaleByte % 16) * (1 << scaleByte / 16);
            for (int zeroByte = 0; zeroByte < 256; zeroByte++) {
                double zero = zeroByte / (double) (1 << 8 - bits);
                double error = 0;
                for (int i = 0; i < weights.length && error < best; i++) {
                    double code = Math.clamp(Math.rint(weights[i] / scale + zero), 0, top);
                    double difference = weights[i] - scale * (code - zero);
                    error += importance[i] * difference * difference;
                }
                best = Math.min(best, error);
            }
        }
        return best;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4})
    void comesCloseToTheBestOfAllScalesAndZeroPoints(int bits) {
        Random random = new Random(7);
        double found = 0;
        double least = 0;
        for (int trial = 0; trial < 12; trial++) {
            int width = 24 + trial;
            float[] weights = Matrices.normal(random, width, 0.03);
            float[] squares = new float[width];
            for (int i = 0; i < width; i++) {
                squares[i] = (float) (0.1 + random.nextDouble());
            }
            InputMoments moments = new InputMoments(width, 1, 100, squares);
            GroupedCodes codes = ScaleSearch.thorough().quantise(weights, 1, width, bits, moments);
            double optimum = optimum(weights, squares, bits, codes.unit());
            double error = Matrices.loss(weights, codes, Matrices.damped(moments, 0));
            assertTrue(error >= optimum * (1 - 1e-4), error + " is below the optimum " + optimum);
            found += error;
            least += optimum;
        }
        assertTrue(found <= 1.05 * least, found + " where " + least + " is possible");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 8})
    void hasALowerErrorThanRoundingAndMoreSoWithMoreStarts(int bits) {
        float[] weights = Matrices.normal(new Random(11), 48 * 200, 0.02);
        double rounded = Matrices.squaredError(weights, new Rounding().quantise(weights, 48, 200, bits, null));
        double fast = Matrices.squaredError(weights, ScaleSearch.fast().quantise(weights, 48, 200, bits, null));
        double thorough = Matrices.squaredError(weights, ScaleSearch.thorough().quantise(weights, 48, 200, bits, null));
        assertTrue(fast < rounded, bits + " bits: " + fast + " against " + rounded);
        assertTrue(thorough <= fast * 1.001, bits + " bits: " + thorough + " against " + fast);
    }

    @Test
    void eachWeightHasTheNearestCodeOfItsScaleAndZeroPoint() {
        float[] weights = Matrices.normal(new Random(13), 20 * 70, 0.5);
        GroupedCodes codes = ScaleSearch.fast().quantise(weights, 20, 70, 3, null);
        for (int i = 0; i < weights.length; i++) {
            int group = i / 70 * 2 + i % 70 / 64;
            double scale = GroupedCodes.scale(codes.unit(), codes.scales()[group]);
            double zero = GroupedCodes.zero(3, codes.zeros()[group]);
            double exact = Math.clamp(weights[i] / scale + zero, 0, 7);
            assertEquals(exact, codes.codes()[i], 0.5001, "weight " + i);
        }
    }

    @Test
    void takesMatricesOfAnyShapeAndWidth() {
        Random random = new Random(17);
        for (MatrixQuantiser quantiser : ALL) {
            for (int rows : new int[] {1, 5, 17}) {
                for (int width : new int[] {1, 7, 63, 64, 65, 129, 200}) {
                    int bits = List.of(2, 3, 4, 5, 6, 8).get(random.nextInt(6));
                    float[] weights = Matrices.normal(random, rows * width, 3);
                    InputMoments moments = random.nextBoolean() ? null : Matrices.moments(random, width, 300);
                    GroupedCodes codes = quantiser.quantise(weights, rows, width, bits, moments);
                    String what = quantiser.name() + " " + rows + " x " + width + ", " + bits + " bits";
                    assertEquals(rows, codes.rows(), what);
                    assertEquals(width, codes.width(), what);
                    assertEquals(bits, codes.bits(), what);
                    double energy = 0;
                    for (float weight : weights) {
                        energy += (double) weight * weight;
                    }
                    double share = Matrices.squaredError(weights, codes) / energy;
                    assertTrue(share < 0.6, what + ": lost " + share);
                }
            }
        }
    }

    @Test
    void rowsOfZerosStayZero() {
        for (MatrixQuantiser quantiser : ALL) {
            float[] weights = Matrices.normal(new Random(19), 3 * 128, 1);
            Arrays.fill(weights, 128, 256, 0);
            GroupedCodes codes = quantiser.quantise(weights, 3, 128, 2, Matrices.moments(new Random(1), 128, 500));
            float[] row = new float[128];
            codes.decode(1, row, 0);
            assertArrayEquals(new float[128], row, 1e-6f, quantiser.name());
            codes = quantiser.quantise(new float[130], 1, 130, 4, null);
            float[] all = new float[130];
            codes.decode(0, all, 0);
            assertArrayEquals(new float[130], all, 1e-30f, quantiser.name());
        }
    }

    @Test
    void constantRowsAreKeptToThePrecisionOfScalesOrBetter() {
        for (MatrixQuantiser quantiser : ALL) {
            for (int bits : new int[] {2, 4, 8}) {
                float[] weights = new float[2 * 64];
                Arrays.fill(weights, 0, 64, 0.731f);
                Arrays.fill(weights, 64, 128, -5.2f);
                GroupedCodes codes = quantiser.quantise(weights, 2, 64, bits, null);
                float[] row = new float[64];
                codes.decode(0, row, 0);
                assertEquals(0.731, row[33], 0.731 / 24, quantiser.name() + " " + bits);
                codes.decode(1, row, 0);
                assertEquals(-5.2, row[63], 5.2 / 24, quantiser.name() + " " + bits);
            }
        }
    }

    @Test
    void refusesWeightsThatAreNotFinite() {
        for (MatrixQuantiser quantiser : ALL) {
            float[] weights = new float[3 * 70];
            weights[2 * 70 + 65] = Float.NaN;
            InvalidInputException nan =
                    assertThrows(InvalidInputException.class, () -> quantiser.quantise(weights, 3, 70, 4, null));
            assertEquals(
                    "weight [2, 65] is NaN, expected a finite number; is the checkpoint damaged?", nan.getMessage());
            weights[1] = Float.NEGATIVE_INFINITY;
            InvalidInputException infinite =
                    assertThrows(InvalidInputException.class, () -> quantiser.quantise(weights, 3, 70, 4, null));
            assertEquals(
                    "weight [0, 1] is -Infinity, expected a finite number; is the checkpoint damaged?",
                    infinite.getMessage());
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        float[] weights = new float[6];
        InputMoments moments = new InputMoments(4, 1, 1, new float[4]);
        for (MatrixQuantiser quantiser : ALL) {
            refuses(() -> quantiser.quantise(weights, 2, 3, 7, null), "codes of 7 bits, expected 2, 3, 4, 5, 6 or 8");
            refuses(() -> quantiser.quantise(weights, 2, 4, 4, null), "6 weights, expected 2 x 4");
            refuses(
                    () -> quantiser.quantise(weights, 2, 3, 4, moments),
                    "moments of 4 inputs in blocks of 1 over 1 samples for a matrix of 3 inputs");
        }
    }

    private static void refuses(Executable what, String message) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, what).getMessage());
    }

    @Test
    void tinyAndHugeWeightsLoseNoMoreThanOthers() {
        for (MatrixQuantiser quantiser : ALL) {
            double[] shares = new double[3];
            double[] sizes = {1e-30, 1, 1e30};
            for (int i = 0; i < 3; i++) {
                float[] weights = Matrices.normal(new Random(23), 16 * 64, sizes[i]);
                GroupedCodes codes = quantiser.quantise(weights, 16, 64, 3, Matrices.moments(new Random(2), 64, 300));
                shares[i] = Matrices.squaredError(weights, codes) / (sizes[i] * sizes[i]);
            }
            assertEquals(shares[1], shares[0], 0.02 * shares[1], quantiser.name());
            assertEquals(shares[1], shares[2], 0.02 * shares[1], quantiser.name());
        }
    }

    @Test
    void threadsDoNotChangeTheResult() throws Exception {
        float[] weights = Matrices.normal(new Random(29), 33 * 192, 1);
        InputMoments moments = Matrices.moments(new Random(3), 192, 400);
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (MatrixQuantiser quantiser : ALL) {
                GroupedCodes expected = quantiser.quantise(weights, 33, 192, 3, moments);
                Callable<GroupedCodes> again = () -> quantiser.quantise(weights.clone(), 33, 192, 3, moments);
                for (Future<GroupedCodes> result : threads.invokeAll(Collections.nCopies(6, again))) {
                    assertArrayEquals(expected.codes(), result.get().codes());
                    assertArrayEquals(expected.scales(), result.get().scales());
                    assertArrayEquals(expected.zeros(), result.get().zeros());
                }
            }
        }
    }

    @Test
    void rowsDoNotInfluenceEachOther() {
        float[] weights = Matrices.normal(new Random(31), 21 * 96, 1);
        weights[0] = 6;
        InputMoments moments = Matrices.moments(new Random(4), 96, 400);
        for (MatrixQuantiser quantiser : ALL) {
            GroupedCodes all = quantiser.quantise(weights, 21, 96, 4, moments);
            // The first row, which holds the greatest weight and so decides the unit, then another one.
            for (int row : new int[] {7, 20}) {
                float[] two = new float[2 * 96];
                System.arraycopy(weights, 0, two, 0, 96);
                System.arraycopy(weights, row * 96, two, 96, 96);
                GroupedCodes some = quantiser.quantise(two, 2, 96, 4, moments);
                float[] expected = new float[96];
                float[] found = new float[96];
                all.decode(row, expected, 0);
                some.decode(1, found, 0);
                assertArrayEquals(expected, found, quantiser.name() + ", row " + row);
            }
        }
    }
}
