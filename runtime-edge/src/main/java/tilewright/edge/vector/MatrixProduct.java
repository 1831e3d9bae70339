package tilewright.edge.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The product of rows with a packed matrix, {@code c = a w^T + bias}, on one thread.
 *
 * <p>A register tile of 6 rows by two vectors runs over the whole width: 12 sums, 2 weights and 1 input fit the 16 registers
 * of AVX2, and 12 independent FMAs hide the latency of every current core. Each element is one chain of FMAs in the order of
 * the width, whatever the number of rows and their place in a tile.
 */
public final class MatrixProduct {
    /** The vector shape of all kernels. */
    public static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    /** Elements in a vector. */
    public static final int LANES = SPECIES.length();
    /** Outputs in a panel of a {@link PackedMatrix}. */
    public static final int PANEL = 2 * LANES;
    /** Rows in a register tile. */
    static final int TILE_ROWS = 6;
    /** Up to so many rows a tile would be slower than one row after the other. */
    private static final int STRIP_ROWS = 2;

    private MatrixProduct() {}

    /**
     * Computes {@code c[r][o] = sum over i of a[r][i] * w[o][i] + bias[o]} for some panels of the matrix.
     *
     * @param aAt where row 0 begins in {@code a}
     * @param aStride from one row of {@code a} to the next
     * @param rows at least 1
     * @param panels the packed matrix, see {@link PackedMatrix}
     * @param width elements of a row
     * @param bias one per output, padded to whole panels
     * @param biasAt where the matrix's biases begin
     * @param cAt where row 0 begins in {@code c}
     * @param cStride from one row of {@code c} to the next
     * @param outputs outputs of the matrix
     * @param firstPanel first panel to compute
     * @param lastPanel the panel after the last
     */
    static void multiply(
            float[] a,
            int aAt,
            int aStride,
            int rows,
            float[] panels,
            int width,
            float[] bias,
            int biasAt,
            float[] c,
            int cAt,
            int cStride,
            int outputs,
            int firstPanel,
            int lastPanel) {
        float[] edge = lastPanel * PANEL > outputs ? new float[TILE_ROWS * PANEL] : null;
        for (int panel = firstPanel; panel < lastPanel; panel++) {
            int first = panel * PANEL;
            int columns = outputs - first;
            int panelAt = first * width;
            int biasFrom = biasAt + first;
            for (int row = 0; row < rows; row += TILE_ROWS) {
                int from = aAt + row * aStride;
                int to = cAt + row * cStride + first;
                int count = Math.min(TILE_ROWS, rows - row);
                if (columns >= PANEL) {
                    tile(a, from, aStride, count, panels, panelAt, width, bias, biasFrom, c, to, cStride);
                } else {
                    tile(a, from, aStride, count, panels, panelAt, width, bias, biasFrom, edge, 0, PANEL);
                    for (int i = 0; i < count; i++) {
                        System.arraycopy(edge, i * PANEL, c, to + i * cStride, columns);
                    }
                }
            }
        }
    }

    /** As above for all panels of a weight; {@code bias} as from {@link Operand#padded()}. */
    static void multiply(
            float[] a,
            int aAt,
            int aStride,
            int rows,
            PackedMatrix matrix,
            float[] bias,
            int biasAt,
            float[] c,
            int cAt,
            int cStride) {
        multiply(
                a,
                aAt,
                aStride,
                rows,
                matrix.panels(),
                matrix.width(),
                bias,
                biasAt,
                c,
                cAt,
                cStride,
                matrix.outputs(),
                0,
                matrix.panelCount());
    }

    /**
     * Computes {@code c[r][o] = sum over i of a[r][i] * w[o][i]} for panels that lie anywhere in an array, without bias.
     *
     * @param aAt where row 0 begins in {@code a}
     * @param aStride from one row of {@code a} to the next
     * @param rows at least 1
     * @param panels holds panels of {@code width} by {@link #PANEL} elements
     * @param panelsAt where the first one begins
     * @param width elements of a row
     * @param panelCount panels to compute
     * @param zeros at least {@link #PANEL} of them
     * @param cAt where row 0 begins in {@code c}, which has room for whole panels
     * @param cStride from one row of {@code c} to the next
     */
    public static void multiplyPanels(
            float[] a,
            int aAt,
            int aStride,
            int rows,
            float[] panels,
            int panelsAt,
            int width,
            int panelCount,
            float[] zeros,
            float[] c,
            int cAt,
            int cStride) {
        int whole = rows - rows % TILE_ROWS;
        int tiled = rows - whole > STRIP_ROWS ? rows : whole;
        for (int panel = 0; panel < panelCount; panel++) {
            int panelAt = panelsAt + panel * width * PANEL;
            for (int row = 0; row < tiled; row += TILE_ROWS) {
                int from = aAt + row * aStride;
                int to = cAt + row * cStride + panel * PANEL;
                int count = Math.min(TILE_ROWS, rows - row);
                tile(a, from, aStride, count, panels, panelAt, width, zeros, 0, c, to, cStride);
            }
        }
        for (int row = tiled; row < rows; row++) {
            for (int panel = 0; panel < panelCount; panel += 2) {
                int second = Math.min(panel + 1, panelCount - 1);
                strip(
                        a,
                        aAt + row * aStride,
                        panels,
                        panelsAt + panel * width * PANEL,
                        panelsAt + second * width * PANEL,
                        width,
                        c,
                        cAt + row * cStride + panel * PANEL,
                        cAt + row * cStride + second * PANEL);
            }
        }
    }

    /** One row by two panels: the chains of {@link #tile}, without its repeated rows. */
    private static void strip(
            float[] a, int aAt, float[] panels, int panel0, int panel1, int width, float[] c, int c0, int c1) {
        FloatVector s0 = FloatVector.zero(SPECIES);
        FloatVector s1 = FloatVector.zero(SPECIES);
        FloatVector t0 = FloatVector.zero(SPECIES);
        FloatVector t1 = FloatVector.zero(SPECIES);
        for (int i = 0; i < width; i++) {
            FloatVector x = FloatVector.broadcast(SPECIES, a[aAt + i]);
            int at = i * PANEL;
            s0 = x.fma(FloatVector.fromArray(SPECIES, panels, panel0 + at), s0);
            s1 = x.fma(FloatVector.fromArray(SPECIES, panels, panel0 + at + LANES), s1);
            t0 = x.fma(FloatVector.fromArray(SPECIES, panels, panel1 + at), t0);
            t1 = x.fma(FloatVector.fromArray(SPECIES, panels, panel1 + at + LANES), t1);
        }
        s0.intoArray(c, c0);
        s1.intoArray(c, c0 + LANES);
        t0.intoArray(c, c1);
        t1.intoArray(c, c1 + LANES);
    }

    /**
     * One register tile of whole panels.
     *
     * <p>Nothing may be added here: with a few more vector operations the first-tier compiler runs out of virtual registers
     * and the method stays boxed, some fifty times slower.
     */
    private static void tile(
            float[] a,
            int aAt,
            int aStride,
            int rows,
            float[] panels,
            int panelAt,
            int width,
            float[] bias,
            int biasAt,
            float[] c,
            int cAt,
            int cStride) {
        // Rows beyond the last repeat it: the same sums are stored again at the same place.
        int last = rows - 1;
        int row0 = aAt;
        int row1 = aAt + Math.min(1, last) * aStride;
        int row2 = aAt + Math.min(2, last) * aStride;
        int row3 = aAt + Math.min(3, last) * aStride;
        int row4 = aAt + Math.min(4, last) * aStride;
        int row5 = aAt + Math.min(5, last) * aStride;
        FloatVector b0 = FloatVector.fromArray(SPECIES, bias, biasAt);
        FloatVector b1 = FloatVector.fromArray(SPECIES, bias, biasAt + LANES);
        FloatVector s0 = b0;
        FloatVector t0 = b1;
        FloatVector s1 = b0;
        FloatVector t1 = b1;
        FloatVector s2 = b0;
        FloatVector t2 = b1;
        FloatVector s3 = b0;
        FloatVector t3 = b1;
        FloatVector s4 = b0;
        FloatVector t4 = b1;
        FloatVector s5 = b0;
        FloatVector t5 = b1;
        for (int i = 0; i < width; i++) {
            FloatVector w0 = FloatVector.fromArray(SPECIES, panels, panelAt + i * PANEL);
            FloatVector w1 = FloatVector.fromArray(SPECIES, panels, panelAt + i * PANEL + LANES);
            FloatVector x0 = FloatVector.broadcast(SPECIES, a[row0 + i]);
            s0 = x0.fma(w0, s0);
            t0 = x0.fma(w1, t0);
            FloatVector x1 = FloatVector.broadcast(SPECIES, a[row1 + i]);
            s1 = x1.fma(w0, s1);
            t1 = x1.fma(w1, t1);
            FloatVector x2 = FloatVector.broadcast(SPECIES, a[row2 + i]);
            s2 = x2.fma(w0, s2);
            t2 = x2.fma(w1, t2);
            FloatVector x3 = FloatVector.broadcast(SPECIES, a[row3 + i]);
            s3 = x3.fma(w0, s3);
            t3 = x3.fma(w1, t3);
            FloatVector x4 = FloatVector.broadcast(SPECIES, a[row4 + i]);
            s4 = x4.fma(w0, s4);
            t4 = x4.fma(w1, t4);
            FloatVector x5 = FloatVector.broadcast(SPECIES, a[row5 + i]);
            s5 = x5.fma(w0, s5);
            t5 = x5.fma(w1, t5);
        }
        int to0 = cAt;
        int to1 = cAt + Math.min(1, last) * cStride;
        int to2 = cAt + Math.min(2, last) * cStride;
        int to3 = cAt + Math.min(3, last) * cStride;
        int to4 = cAt + Math.min(4, last) * cStride;
        int to5 = cAt + Math.min(5, last) * cStride;
        s0.intoArray(c, to0);
        t0.intoArray(c, to0 + LANES);
        s1.intoArray(c, to1);
        t1.intoArray(c, to1 + LANES);
        s2.intoArray(c, to2);
        t2.intoArray(c, to2 + LANES);
        s3.intoArray(c, to3);
        t3.intoArray(c, to3 + LANES);
        s4.intoArray(c, to4);
        t4.intoArray(c, to4 + LANES);
        s5.intoArray(c, to5);
        t5.intoArray(c, to5 + LANES);
    }
}
