package tilewright.compiler.codes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.InvalidInputException;
import tilewright.model.format.GroupedCodes;

class ErrorFeedbackTest {
    private static final double DAMPING = 0.01;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 63, 64, 65, 130, 200})
    void theRootOfTheInverseIsThatOfGaussJordan(int side) {
        double[][] h = Matrices.damped(Matrices.moments(new Random(side), side, 2 * side), DAMPING);
        int pitch = side + 3;
        double[] flat = new double[side * pitch];
        for (int i = 0; i < side; i++) {
            System.arraycopy(h[i], 0, flat, i * pitch, side);
        }
        double[] u = InverseRoot.of(flat, side, pitch);
        double[][] inverse = Matrices.inverse(h);
        for (int i = 0; i < side; i++) {
            for (int j = 0; j < side; j++) {
                double product = 0;
                for (int k = 0; k < side; k++) {
                    product += u[k * pitch + i] * u[k * pitch + j];
                }
                assertEquals(inverse[i][j], product, 1e-9 * Math.sqrt(inverse[i][i] * inverse[j][j]));
                assertTrue(j >= i || u[i * pitch + j] == 0, "below the diagonal");
            }
        }
    }

    @Test
    void refusesAMatrixThatIsNotPositiveDefinite() {
        ArithmeticException refused =
                assertThrows(ArithmeticException.class, () -> InverseRoot.of(new double[] {1, 2, 2, 1}, 2, 2));
        assertEquals("not positive definite at row 0", refused.getMessage());
    }

    /**
     * The codes that the optimal brain surgeon gives, one input after the other, each time with the inverse of the moments of the
     * inputs that are left, computed anew (Hassibi and Stork 1993; Frantar and Alistarh 2022, Optimal Brain Compression).
     */
    private static int[] surgeon(double[] row, double[][] h, Feedback feedback, GroupedCodes codes, int index) {
        int width = row.length;
        int[] order = feedback.inputs();
        double[] w = row.clone();
        int[] chosen = new int[width];
        for (int step = 0; step < width; step++) {
            double[][] left = new double[width - step][width - step];
            for (int i = step; i < width; i++) {
                for (int j = step; j < width; j++) {
                    left[i - step][j - step] = h[order[i]][order[j]];
                }
            }
            double[][] inverse = Matrices.inverse(left);
            int input = order[step];
            int group = index * GroupedCodes.groups(width) + input / GroupedCodes.GROUP;
            double scale = GroupedCodes.scale(codes.unit(), codes.scales()[group]);
            double zero = GroupedCodes.zero(codes.bits(), codes.zeros()[group]);
            chosen[input] = (int) Math.clamp(Math.rint(w[input] / scale + zero), 0, (1 << codes.bits()) - 1);
            double error = w[input] - scale * (chosen[input] - zero);
            for (int i = step; i < width; i++) {
                w[order[i]] -= error / inverse[0][0] * inverse[i - step][0];
            }
        }
        return chosen;
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 64, 80, 97})
    void feedbackIsTheOptimalBrainSurgeons(int width) {
        Random random = new Random(width);
        int rows = 18;
        float[] weights = Matrices.normal(random, rows * width, 0.05);
        InputMoments moments = Matrices.moments(random, width, 3 * width);
        double[][] h = Matrices.damped(moments, DAMPING);
        Feedback feedback = Feedback.of(moments, DAMPING).getFirst();
        GroupedCodes codes = new ErrorFeedback(DAMPING, 0).quantise(weights, rows, width, 3, moments);
        int same = 0;
        for (int row = 0; row < rows; row++) {
            double[] exact = new double[width];
            for (int i = 0; i < width; i++) {
                exact[i] = weights[row * width + i];
            }
            int[] expected = surgeon(exact, h, feedback, codes, row);
            boolean equal = true;
            for (int i = 0; i < width; i++) {
                equal &= expected[i] == codes.codes()[row * width + i];
            }
            same += equal ? 1 : 0;
        }
        // Where a weight lies within float32's precision of the middle of two codes, the rest of its row may differ.
        assertTrue(same >= rows - 1, same + " rows of " + rows + " agree");
    }

    @Test
    void inputsGoBySizeWithGroupsTogether() {
        float[] squares = new float[130];
        Arrays.fill(squares, 1);
        squares[70] = 90;
        squares[66] = 91;
        squares[129] = 50;
        squares[3] = 2;
        Feedback feedback = Feedback.of(new InputMoments(130, 130, 9, diagonal(squares)), DAMPING)
                .getFirst();
        assertArrayEquals(new int[] {1, 0, 2}, feedback.groups());
        assertArrayEquals(new int[] {0, 64, 128, 130}, feedback.starts());
        assertEquals(66, feedback.inputs()[0]);
        assertEquals(70, feedback.inputs()[1]);
        assertEquals(64, feedback.inputs()[2]);
        assertEquals(3, feedback.inputs()[64]);
        assertEquals(129, feedback.inputs()[128]);
    }

    private static float[] diagonal(float[] squares) {
        float[] values = new float[squares.length * squares.length];
        for (int i = 0; i < squares.length; i++) {
            values[i * squares.length + i] = squares[i];
        }
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 8})
    void losesLessThanRoundingAndThanASearchAndNoRoundRaisesALoss(int bits) {
        Random random = new Random(bits);
        double rounded = 0;
        double searched = 0;
        double[] fedBack = new double[4];
        for (int trial = 0; trial < 3; trial++) {
            int width = 100 + 40 * trial;
            float[] weights = Matrices.normal(random, 32 * width, 0.02);
            InputMoments moments = Matrices.moments(random, width, 2 * width);
            double[][] h = Matrices.damped(moments, DAMPING);
            rounded += Matrices.loss(weights, new Rounding().quantise(weights, 32, width, bits, moments), h);
            searched += Matrices.loss(weights, ScaleSearch.thorough().quantise(weights, 32, width, bits, moments), h);
            GroupedCodes before = null;
            for (int rounds = 0; rounds < 4; rounds++) {
                GroupedCodes codes = new ErrorFeedback(DAMPING, rounds).quantise(weights, 32, width, bits, moments);
                fedBack[rounds] += Matrices.loss(weights, codes, h);
                for (int row = 0; before != null && row < 32; row++) {
                    double was = Matrices.loss(weights, before, h, row);
                    double is = Matrices.loss(weights, codes, h, row);
                    assertTrue(is <= was * 1.0001, "row " + row + " rose from " + was + " to " + is);
                }
                before = codes;
            }
        }
        assertTrue(searched < rounded, searched + " against " + rounded);
        assertTrue(fedBack[0] < 0.8 * searched, fedBack[0] + " against " + searched);
        assertTrue(fedBack[3] < fedBack[0], fedBack[3] + " against " + fedBack[0]);
    }

    @Test
    void findsTheBestCodesOfTinyRowsMoreOftenThanNot() {
        Random random = new Random(5);
        int best = 0;
        double found = 0;
        double least = 0;
        for (int trial = 0; trial < 40; trial++) {
            float[] weights = Matrices.normal(random, 6, 1);
            InputMoments moments = Matrices.moments(random, 6, 60);
            double[][] h = Matrices.damped(moments, DAMPING);
            GroupedCodes codes = new ErrorFeedback().quantise(weights, 1, 6, 2, moments);
            double loss = Matrices.loss(weights, codes, h);
            double optimum = Double.POSITIVE_INFINITY;
            for (int all = 0; all < 1 << 12; all++) {
                byte[] tried = new byte[6];
                for (int i = 0; i < 6; i++) {
                    tried[i] = (byte) (all >> 2 * i & 3);
                }
                GroupedCodes other = new GroupedCodes(2, 1, 6, codes.unit(), codes.scales(), codes.zeros(), tried);
                optimum = Math.min(optimum, Matrices.loss(weights, other, h));
            }
            assertTrue(loss >= optimum * (1 - 1e-5));
            best += loss <= optimum * (1 + 1e-5) ? 1 : 0;
            found += loss;
            least += optimum;
        }
        assertTrue(best > 20, best + " of 40 have the best codes for their scale");
        assertTrue(found < 1.3 * least, found + " where " + least + " is possible");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 32, 48, 64, 96, 192})
    void usesMomentsInBlocksOfAnySize(int block) {
        Random random = new Random(block);
        int width = 200;
        InputMoments full = Matrices.moments(random, width, 1000);
        float[] values = new float[(int) InputMoments.length(width, block)];
        int at = 0;
        for (int first = 0; first < width; first += block) {
            int last = Math.min(width, first + block);
            for (int i = first; i < last; i++) {
                for (int j = first; j < last; j++) {
                    values[at++] = full.value(i, j);
                }
            }
        }
        InputMoments blocks = new InputMoments(width, block, 1000, values);
        double[][] h = Matrices.damped(blocks, DAMPING);
        float[] weights = Matrices.normal(random, 16 * width, 1);
        double rounded = Matrices.loss(weights, new Rounding().quantise(weights, 16, width, 3, blocks), h);
        double fedBack = Matrices.loss(weights, new ErrorFeedback().quantise(weights, 16, width, 3, blocks), h);
        assertTrue(fedBack < 0.8 * rounded, fedBack + " against " + rounded);
    }

    @Test
    void inputsThatCalibrationNeverSawAreStillKept() {
        float[] weights = Matrices.normal(new Random(41), 16 * 128, 1);
        InputMoments none = new InputMoments(128, 128, 0, new float[128 * 128]);
        double share =
                Matrices.squaredError(weights, new ErrorFeedback().quantise(weights, 16, 128, 4, none)) / (16 * 128);
        assertTrue(share < 0.01, "lost " + share);
        float[] squares = new float[128];
        Arrays.fill(squares, 0, 60, 1);
        InputMoments half = new InputMoments(128, 1, 10, squares);
        share = Matrices.squaredError(weights, new ErrorFeedback().quantise(weights, 16, 128, 4, half)) / (16 * 128);
        assertTrue(share < 0.02, "lost " + share);
    }

    @Test
    void aMatrixDoesNotChangeTheNextOnesResult() {
        Random random = new Random(43);
        float[] weights = Matrices.normal(random, 10 * 70, 1);
        InputMoments[] moments = {Matrices.moments(random, 70, 300), Matrices.moments(random, 70, 300)};
        ErrorFeedback used = new ErrorFeedback();
        for (int i : new int[] {0, 1, 1, 0, 0}) {
            GroupedCodes fresh = new ErrorFeedback().quantise(weights, 10, 70, 2, moments[i]);
            assertArrayEquals(
                    fresh.codes(), used.quantise(weights, 10, 70, 2, moments[i]).codes());
        }
    }

    @Test
    void refusesMomentsThatNoInputsHave() {
        InputMoments moments = new InputMoments(2, 2, 1000, new float[] {1, 2, 2, 1});
        InvalidInputException refused = assertThrows(
                InvalidInputException.class, () -> new ErrorFeedback().quantise(new float[2], 1, 2, 4, moments));
        assertEquals(
                "moments of 2 inputs in blocks of 2 over 1000 samples are no means of products: not positive definite"
                        + " at row 0; is the profile damaged?",
                refused.getMessage());
    }
}
