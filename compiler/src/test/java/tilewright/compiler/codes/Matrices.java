package tilewright.compiler.codes;

import java.util.Random;
import tilewright.model.format.GroupedCodes;

/** Random matrices and inputs, and float64 references for what quantising them costs. */
final class Matrices {
    private Matrices() {}

    static float[] normal(Random random, int count, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }

    /** Full second moments of inputs of different sizes that share a common part. */
    static InputMoments moments(Random random, int width, int samples) {
        double[] sizes = new double[width];
        for (int i = 0; i < width; i++) {
            sizes[i] = Math.exp(0.7 * random.nextGaussian());
        }
        double[] products = new double[width * width];
        for (int n = 0; n < samples; n++) {
            double common = random.nextGaussian();
            double[] x = new double[width];
            for (int i = 0; i < width; i++) {
                x[i] = sizes[i] * (random.nextGaussian() + common * (i % 3 - 0.5));
            }
            for (int i = 0; i < width; i++) {
                for (int j = 0; j < width; j++) {
                    products[i * width + j] += x[i] * x[j] / samples;
                }
            }
        }
        float[] values = new float[width * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) products[i];
        }
        return new InputMoments(width, width, samples, values);
    }

    /**
     * The full matrix of moments with {@code damping} times the mean of its diagonal added to the diagonal, and all else as if
     * half as many samples more as a block has inputs had been seen with products of 0.
     */
    static double[][] damped(InputMoments moments, double damping) {
        int block = moments.block();
        while (block % 64 != 0 && block < moments.width()) {
            block += moments.block();
        }
        int width = moments.width();
        double mean = 0;
        for (float square : moments.diagonal()) {
            mean += square / (double) width;
        }
        double[][] h = new double[width][width];
        for (int i = 0; i < width; i++) {
            int first = i / block * block;
            double unrelated = (Math.min(block, width - first)) / 2.0;
            double known = moments.samples() / (moments.samples() + unrelated);
            for (int j = 0; j < width; j++) {
                h[i][j] = i == j ? moments.value(i, j) + damping * mean : moments.value(i, j) * known;
            }
        }
        return h;
    }

    /** The sum over rows of (w - q)^T H (w - q). */
    static double loss(float[] weights, GroupedCodes codes, double[][] h) {
        double loss = 0;
        for (int row = 0; row < codes.rows(); row++) {
            loss += loss(weights, codes, h, row);
        }
        return loss;
    }

    static double loss(float[] weights, GroupedCodes codes, double[][] h, int row) {
        int width = codes.width();
        float[] values = new float[width];
        codes.decode(row, values, 0);
        double loss = 0;
        for (int i = 0; i < width; i++) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                sum += h[i][j] * ((double) weights[row * width + j] - values[j]);
            }
            loss += sum * ((double) weights[row * width + i] - values[i]);
        }
        return loss;
    }

    static double squaredError(float[] weights, GroupedCodes codes) {
        double error = 0;
        float[] values = new float[codes.width()];
        for (int row = 0; row < codes.rows(); row++) {
            codes.decode(row, values, 0);
            for (int i = 0; i < values.length; i++) {
                double difference = (double) weights[row * values.length + i] - values[i];
                error += difference * difference;
            }
        }
        return error;
    }

    /** The inverse, by Gauss-Jordan elimination with pivoting. */
    static double[][] inverse(double[][] matrix) {
        int n = matrix.length;
        double[][] a = new double[n][2 * n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(matrix[i], 0, a[i], 0, n);
            a[i][n + i] = 1;
        }
        for (int column = 0; column < n; column++) {
            int pivot = column;
            for (int i = column; i < n; i++) {
                pivot = Math.abs(a[i][column]) > Math.abs(a[pivot][column]) ? i : pivot;
            }
            double[] swapped = a[pivot];
            a[pivot] = a[column];
            a[column] = swapped;
            double scale = 1 / a[column][column];
            for (int j = 0; j < 2 * n; j++) {
                a[column][j] *= scale;
            }
            for (int i = 0; i < n; i++) {
                double factor = a[i][column];
                for (int j = 0; i != column && j < 2 * n; j++) {
                    a[i][j] -= factor * a[column][j];
                }
            }
        }
        double[][] inverse = new double[n][n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(a[i], n, inverse[i], 0, n);
        }
        return inverse;
    }
}
