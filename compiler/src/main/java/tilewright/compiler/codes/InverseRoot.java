package tilewright.compiler.codes;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The upper triangular U with {@code U^T U = H^-1} for a positive definite matrix H, in blocks, by way of the upper triangular
 * M with {@code M M^T = H}, of which it is the inverse.
 *
 * <p>Row j of U, divided by its diagonal element, is how the inputs after j best make up for an error at j (GPTQ, Frantar et al.
 * 2022, section 3.3).
 */
final class InverseRoot {
    private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
    private static final int LANES = DOUBLES.length();
    private static final int BLOCK = 64;

    private InverseRoot() {}

    /**
     * Computes U.
     *
     * @param h symmetric, row-major [side, side]; overwritten
     * @param pitch elements from one row to the next, of {@code h} and of the result
     * @return U, row-major, zeros below the diagonal
     * @throws ArithmeticException if H is not positive definite to working precision
     */
    static double[] of(double[] h, int side, int pitch) {
        double[] transposed = new double[BLOCK * pitch];
        for (int last = side; last > 0; ) {
            int first = (last - 1) / BLOCK * BLOCK;
            root(h, pitch, first, last);
            // The rest of H, above and left of this block, without what the block's columns account for.
            for (int i = 0; i < first; i++) {
                for (int k = first; k < last; k++) {
                    transposed[(k - first) * pitch + i] = h[i * pitch + k];
                }
            }
            for (int i = 0; i < first; i++) {
                subtract(h, i * pitch, 0, i + 1, h, i * pitch + first, transposed, 0, pitch, last - first);
            }
            last = first;
        }
        return inverse(h, side, pitch);
    }

    /** Turns the columns first..last-1 of H, rows 0..last-1, into those of M; only what is on or above the diagonal counts. */
    private static void root(double[] h, int pitch, int first, int last) {
        for (int j = last - 1; j >= first; j--) {
            double rest = h[j * pitch + j];
            for (int k = j + 1; k < last; k++) {
                rest -= h[j * pitch + k] * h[j * pitch + k];
            }
            if (!(rest > 0)) {
                throw new ArithmeticException("not positive definite at row " + j);
            }
            double diagonal = Math.sqrt(rest);
            h[j * pitch + j] = diagonal;
            for (int i = 0; i < j; i++) {
                // The rest of H is kept in the lower triangle, M in the upper one.
                double value = h[j * pitch + i];
                for (int k = j + 1; k < last; k++) {
                    value -= h[i * pitch + k] * h[j * pitch + k];
                }
                h[i * pitch + j] = value / diagonal;
            }
        }
    }

    /** The inverse of the upper triangle of M. */
    private static double[] inverse(double[] m, int side, int pitch) {
        double[] u = new double[side * pitch];
        for (int last = side; last > 0; ) {
            int first = (last - 1) / BLOCK * BLOCK;
            for (int i = first; i < last; i++) {
                u[i * pitch + i] = 1;
            }
            for (int k = last; k < side; k += BLOCK) {
                for (int i = first; i < last; i++) {
                    subtract(u, i * pitch, k, side, m, i * pitch + k, u, k, pitch, Math.min(BLOCK, side - k));
                }
            }
            for (int i = last - 1; i >= first; i--) {
                for (int k = i + 1; k < last; k++) {
                    double factor = m[i * pitch + k];
                    for (int j = k; j < side; j++) {
                        u[i * pitch + j] -= factor * u[k * pitch + j];
                    }
                }
                double reciprocal = 1 / m[i * pitch + i];
                for (int j = i; j < side; j++) {
                    u[i * pitch + j] *= reciprocal;
                }
            }
            last = first;
        }
        return u;
    }

    /** For j from {@code from} to {@code to - 1}: {@code c[cRow + j] -= sum over k of a[aAt + k] * b[bRow + k][j]}. */
    private static void subtract(
            double[] c, int cRow, int from, int to, double[] a, int aAt, double[] b, int bRow, int pitch, int count) {
        int j = from;
        for (; j + 4 * LANES <= to; j += 4 * LANES) {
            DoubleVector c0 = DoubleVector.fromArray(DOUBLES, c, cRow + j);
            DoubleVector c1 = DoubleVector.fromArray(DOUBLES, c, cRow + j + LANES);
            DoubleVector c2 = DoubleVector.fromArray(DOUBLES, c, cRow + j + 2 * LANES);
            DoubleVector c3 = DoubleVector.fromArray(DOUBLES, c, cRow + j + 3 * LANES);
            int at = bRow * pitch + j;
            for (int k = 0; k < count; k++) {
                DoubleVector x = DoubleVector.broadcast(DOUBLES, -a[aAt + k]);
                c0 = DoubleVector.fromArray(DOUBLES, b, at).fma(x, c0);
                c1 = DoubleVector.fromArray(DOUBLES, b, at + LANES).fma(x, c1);
                c2 = DoubleVector.fromArray(DOUBLES, b, at + 2 * LANES).fma(x, c2);
                c3 = DoubleVector.fromArray(DOUBLES, b, at + 3 * LANES).fma(x, c3);
                at += pitch;
            }
            c0.intoArray(c, cRow + j);
            c1.intoArray(c, cRow + j + LANES);
            c2.intoArray(c, cRow + j + 2 * LANES);
            c3.intoArray(c, cRow + j + 3 * LANES);
        }
        for (; j < to; j++) {
            double value = c[cRow + j];
            for (int k = 0; k < count; k++) {
                value = Math.fma(-a[aAt + k], b[(bRow + k) * pitch + j], value);
            }
            c[cRow + j] = value;
        }
    }
}
