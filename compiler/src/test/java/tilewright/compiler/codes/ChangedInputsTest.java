package tilewright.compiler.codes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.format.GroupedCodes;

class ChangedInputsTest {
    /** Rows of inputs, exact and changed. */
    private record Rows(int width, int count, float[] exact, float[] now, float[] weights) {
        /** Inputs that share common parts; the changed ones lack some of these, and have noise besides. */
        static Rows random(Random random, int width, int count, double lack, double noise) {
            double[][] mixing = new double[width][8];
            for (double[] row : mixing) {
                for (int k = 0; k < row.length; k++) {
                    row[k] = random.nextGaussian();
                }
            }
            float[] exact = new float[count * width];
            float[] now = new float[count * width];
            float[] weights = new float[count];
            for (int n = 0; n < count; n++) {
                weights[n] = (float) random.nextDouble(0.2, 1);
                double[] common = random.doubles(8, -1, 1).toArray();
                for (int i = 0; i < width; i++) {
                    double own = random.nextGaussian();
                    double shared = 0;
                    for (int k = 0; k < 8; k++) {
                        shared += mixing[i][k] * common[k];
                    }
                    exact[n * width + i] = (float) (own + shared);
                    now[n * width + i] = (float) (own + shared * (1 - lack) + noise * random.nextGaussian());
                }
            }
            return new Rows(width, count, exact, now, weights);
        }

        InputMoments moments(int block) {
            double[][] sums = new double[width][width];
            double total = 0;
            for (int n = 0; n < count; n++) {
                total += weights[n];
                for (int i = 0; i < width; i++) {
                    for (int j = 0; j < width; j++) {
                        sums[i][j] += (double) weights[n] * exact[n * width + i] * exact[n * width + j];
                    }
                }
            }
            float[] values = new float[(int) InputMoments.length(width, block)];
            int at = 0;
            for (int first = 0; first < width; first += block) {
                int last = Math.min(width, first + block);
                for (int i = first; i < last; i++) {
                    for (int j = first; j < last; j++) {
                        values[at++] = (float) (sums[i][j] / total);
                    }
                }
            }
            return new InputMoments(width, block, count, values);
        }

        ChangedInputs.Target target(float[] matrix, int block, int together) {
            ChangedInputs inputs = new ChangedInputs(width, block);
            for (int from = 0; from < count; from += together) {
                int size = Math.min(together, count - from);
                inputs.add(part(exact, from, size), part(now, from, size), weights, from, size);
            }
            return inputs.target(matrix.clone(), matrix.length / width, moments(block));
        }

        private float[] part(float[] values, int from, int size) {
            return java.util.Arrays.copyOfRange(values, from * width, (from + size) * width);
        }

        /** The weighted squared error of {@code other now} against {@code matrix exact}, in float64. */
        double error(float[] matrix, float[] other) {
            double error = 0;
            for (int n = 0; n < count; n++) {
                for (int row = 0; row < matrix.length; row += width) {
                    double difference = 0;
                    for (int i = 0; i < width; i++) {
                        difference += (double) matrix[row + i] * exact[n * width + i];
                        difference -= (double) other[row + i] * now[n * width + i];
                    }
                    error += weights[n] * difference * difference;
                }
            }
            return error;
        }
    }

    private static float[] decoded(GroupedCodes codes) {
        float[] values = new float[codes.rows() * codes.width()];
        for (int row = 0; row < codes.rows(); row++) {
            codes.decode(row, values, row * codes.width());
        }
        return values;
    }

    /** The least squared error, by the normal equations in float64. */
    private static double least(Rows rows, float[] matrix) {
        int width = rows.width();
        double[][] k = new double[width][width];
        double[][] c = new double[width][width];
        for (int n = 0; n < rows.count(); n++) {
            for (int i = 0; i < width; i++) {
                for (int j = 0; j < width; j++) {
                    double now = rows.weights()[n] * rows.now()[n * width + j];
                    k[i][j] += now * rows.now()[n * width + i];
                    c[i][j] += now * rows.exact()[n * width + i];
                }
            }
        }
        double[][] inverse = Matrices.inverse(k);
        float[] best = new float[matrix.length];
        for (int row = 0; row < matrix.length; row += width) {
            double[] products = new double[width];
            for (int i = 0; i < width; i++) {
                for (int j = 0; j < width; j++) {
                    products[j] += matrix[row + i] * c[i][j];
                }
            }
            for (int i = 0; i < width; i++) {
                for (int j = 0; j < width; j++) {
                    best[row + j] += (float) (products[i] * inverse[i][j]);
                }
            }
        }
        return rows.error(matrix, best);
    }

    @Test
    void withManyRowsTheTargetIsNearlyTheLeastSquaresSolution() {
        Random random = new Random(7);
        Rows rows = Rows.random(random, 70, 6000, 0.3, 0.3);
        float[] matrix = Matrices.normal(random, 21 * 70, 0.1);

        double found = rows.error(matrix, rows.target(matrix, 70, 256).weights());

        double before = rows.error(matrix, matrix);
        double least = least(rows, matrix);
        assertTrue(least < 0.9 * before, least + " of " + before);
        assertTrue(found < least + 0.03 * (before - least), found + " between " + least + " and " + before);
    }

    @ParameterizedTest
    @CsvSource({"2, 0.1, 0.1", "2, 0.4, 0.4", "3, 0.05, 0.1", "3, 0.2, 0.3", "4, 0.1, 0.1", "4, 0.3, 0", "8, 0.1, 0.1"})
    void codesOfTheTargetAreNeverFurtherFromTheOutputsThanCodesOfTheMatrix(int bits, double lack, double noise) {
        for (int block : new int[] {128, 64}) {
            Random random = new Random(bits);
            Rows rows = Rows.random(random, 128, 1000, lack, noise);
            float[] matrix = Matrices.normal(random, 40 * 128, 0.1);
            ErrorFeedback quantiser = new ErrorFeedback();
            ChangedInputs.Target target = rows.target(matrix, block, 300);

            double fitted =
                    rows.error(matrix, decoded(quantiser.quantise(target.weights(), 40, 128, bits, target.moments())));

            double plain =
                    rows.error(matrix, decoded(quantiser.quantise(matrix.clone(), 40, 128, bits, rows.moments(block))));
            assertTrue(fitted < plain, fitted + " with the fit, " + plain + " without");
        }
    }

    @Test
    void chanceExplainsNothing() {
        Random random = new Random(11);
        Rows rows = Rows.random(random, 96, 150, 0, 0.2);
        // What is lacking has nothing to do with the inputs as they are.
        for (int i = 0; i < rows.exact().length; i++) {
            rows.now()[i] = rows.exact()[i];
            rows.exact()[i] += (float) (0.2 * random.nextGaussian());
        }
        float[] matrix = Matrices.normal(random, 32 * 96, 0.1);
        float[] found = rows.target(matrix, 96, 50).weights();
        double change = 0;
        double whole = 0;
        for (int i = 0; i < found.length; i++) {
            change += (found[i] - matrix[i]) * (found[i] - matrix[i]);
            whole += matrix[i] * matrix[i];
        }
        // Without shortening, it would be above a thousandth.
        assertTrue(change < 1e-4 * whole, change + " of " + whole);
    }

    @Test
    void unchangedInputsChangeNothing() {
        Random random = new Random(5);
        Rows rows = Rows.random(random, 30, 200, 0, 0);
        float[] matrix = Matrices.normal(random, 9 * 30, 0.1);
        ChangedInputs.Target target = rows.target(matrix, 30, 64);
        assertArrayEquals(matrix, target.weights());
        InputMoments moments = rows.moments(30);
        for (int i = 0; i < 30; i++) {
            assertEquals(moments.value(i, 3), target.moments().value(i, 3), 1e-5);
        }
    }

    @Test
    void withoutRowsTheMatrixStays() {
        InputMoments moments = Matrices.moments(new Random(1), 12, 40);
        float[] matrix = Matrices.normal(new Random(2), 4 * 12, 1);
        ChangedInputs.Target target = new ChangedInputs(12, 12).target(matrix.clone(), 4, moments);
        assertArrayEquals(matrix, target.weights());
        assertEquals(moments, target.moments());
    }
}
