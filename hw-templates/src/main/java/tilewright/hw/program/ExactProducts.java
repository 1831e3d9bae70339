package tilewright.hw.program;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Inner products of integers, carried by float64 arithmetic.
 *
 * <p>Every product and partial sum is an integer below 2^53 (accumulators have at most 48 bits), so float64 is exact in any
 * order; it is the widest multiply-add that the JVM vectorises.
 */
final class ExactProducts {
    private static final VectorSpecies<Double> LANES = DoubleVector.SPECIES_PREFERRED;

    private ExactProducts() {}

    /**
     * Computes {@code out[r * rowsB + c] = bias[c] + sum_i a[r][i] * b[c][i]}.
     *
     * @param a {@code [rowsA, length]} whole numbers
     * @param b {@code [rowsB, length]}
     * @param bias one per row of b, or null
     */
    static void multiply(double[] a, int rowsA, short[] b, int rowsB, int length, long[] bias, long[] out) {
        double[] row = new double[length];
        for (int c = 0; c < rowsB; c++) {
            for (int i = 0; i < length; i++) {
                row[i] = b[c * length + i];
            }
            long start = bias == null ? 0 : bias[c];
            int r = 0;
            for (; r + 3 < rowsA; r += 4) {
                four(a, r * length, row, start, out, r * rowsB + c, rowsB);
            }
            for (; r < rowsA; r++) {
                out[r * rowsB + c] = start + (long) one(a, r * length, row);
            }
        }
    }

    private static void four(double[] a, int from, double[] b, long start, long[] out, int to, int stride) {
        int length = b.length;
        DoubleVector sum0 = DoubleVector.zero(LANES);
        DoubleVector sum1 = sum0;
        DoubleVector sum2 = sum0;
        DoubleVector sum3 = sum0;
        int bound = LANES.loopBound(length);
        int i = 0;
        for (; i < bound; i += LANES.length()) {
            DoubleVector factor = DoubleVector.fromArray(LANES, b, i);
            sum0 = DoubleVector.fromArray(LANES, a, from + i).fma(factor, sum0);
            sum1 = DoubleVector.fromArray(LANES, a, from + length + i).fma(factor, sum1);
            sum2 = DoubleVector.fromArray(LANES, a, from + 2 * length + i).fma(factor, sum2);
            sum3 = DoubleVector.fromArray(LANES, a, from + 3 * length + i).fma(factor, sum3);
        }
        double rest0 = sum0.reduceLanes(VectorOperators.ADD);
        double rest1 = sum1.reduceLanes(VectorOperators.ADD);
        double rest2 = sum2.reduceLanes(VectorOperators.ADD);
        double rest3 = sum3.reduceLanes(VectorOperators.ADD);
        for (; i < length; i++) {
            double factor = b[i];
            rest0 += a[from + i] * factor;
            rest1 += a[from + length + i] * factor;
            rest2 += a[from + 2 * length + i] * factor;
            rest3 += a[from + 3 * length + i] * factor;
        }
        out[to] = start + (long) rest0;
        out[to + stride] = start + (long) rest1;
        out[to + 2 * stride] = start + (long) rest2;
        out[to + 3 * stride] = start + (long) rest3;
    }

    private static double one(double[] a, int from, double[] b) {
        int length = b.length;
        DoubleVector sum = DoubleVector.zero(LANES);
        int bound = LANES.loopBound(length);
        int i = 0;
        for (; i < bound; i += LANES.length()) {
            sum = DoubleVector.fromArray(LANES, a, from + i).fma(DoubleVector.fromArray(LANES, b, i), sum);
        }
        double rest = sum.reduceLanes(VectorOperators.ADD);
        for (; i < length; i++) {
            rest += a[from + i] * b[i];
        }
        return rest;
    }
}
