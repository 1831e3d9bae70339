package tilewright.edge.matrix;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tile of products with decoded panels: 6 rows by two vectors of outputs.
 *
 * <p>12 sums, 2 weights and 1 input fit the 16 registers of AVX2, and 12 independent multiply-adds hide the latency of every
 * current core.
 */
final class PanelTile {
    /** Rows in a tile. */
    static final int ROWS = 6;
    /** Outputs of two panels, decoded next to each other. */
    static final int STRIDE = 2 * PanelLayout.PANEL_ROWS;

    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    /** Outputs in a tile; divides {@link #STRIDE}. */
    static final int OUTPUTS = 2 * LANES;

    private PanelTile() {}

    /**
     * Computes {@code out[r][o] = sum over i of a[r][i] * panels[i][o]}.
     *
     * <p>Nothing may be added here: with a few more vector operations the first-tier compiler runs out of virtual registers
     * and the method stays boxed, some fifty times slower.
     *
     * @param aAt where row 0 begins in {@code a}
     * @param aStride from one row to the next
     * @param rows 1 to {@link #ROWS}; those missing are computed as copies of the last
     * @param panels [width, {@link #STRIDE}] from {@code panelAt} on
     * @param out takes {@link #ROWS} rows of stride {@link #STRIDE}
     */
    static void multiply(
            float[] a, int aAt, int aStride, int rows, float[] panels, int panelAt, int width, float[] out, int outAt) {
        // Rows beyond the last repeat it.
        int last = rows - 1;
        int row0 = aAt;
        int row1 = aAt + Math.min(1, last) * aStride;
        int row2 = aAt + Math.min(2, last) * aStride;
        int row3 = aAt + Math.min(3, last) * aStride;
        int row4 = aAt + Math.min(4, last) * aStride;
        int row5 = aAt + Math.min(5, last) * aStride;
        FloatVector zero = FloatVector.zero(FLOATS);
        FloatVector s0 = zero;
        FloatVector t0 = zero;
        FloatVector s1 = zero;
        FloatVector t1 = zero;
        FloatVector s2 = zero;
        FloatVector t2 = zero;
        FloatVector s3 = zero;
        FloatVector t3 = zero;
        FloatVector s4 = zero;
        FloatVector t4 = zero;
        FloatVector s5 = zero;
        FloatVector t5 = zero;
        for (int i = 0; i < width; i++) {
            FloatVector w0 = FloatVector.fromArray(FLOATS, panels, panelAt + i * STRIDE);
            FloatVector w1 = FloatVector.fromArray(FLOATS, panels, panelAt + i * STRIDE + LANES);
            FloatVector x0 = FloatVector.broadcast(FLOATS, a[row0 + i]);
            s0 = x0.fma(w0, s0);
            t0 = x0.fma(w1, t0);
            FloatVector x1 = FloatVector.broadcast(FLOATS, a[row1 + i]);
            s1 = x1.fma(w0, s1);
            t1 = x1.fma(w1, t1);
            FloatVector x2 = FloatVector.broadcast(FLOATS, a[row2 + i]);
            s2 = x2.fma(w0, s2);
            t2 = x2.fma(w1, t2);
            FloatVector x3 = FloatVector.broadcast(FLOATS, a[row3 + i]);
            s3 = x3.fma(w0, s3);
            t3 = x3.fma(w1, t3);
            FloatVector x4 = FloatVector.broadcast(FLOATS, a[row4 + i]);
            s4 = x4.fma(w0, s4);
            t4 = x4.fma(w1, t4);
            FloatVector x5 = FloatVector.broadcast(FLOATS, a[row5 + i]);
            s5 = x5.fma(w0, s5);
            t5 = x5.fma(w1, t5);
        }
        s0.intoArray(out, outAt);
        t0.intoArray(out, outAt + LANES);
        s1.intoArray(out, outAt + 1 * STRIDE);
        t1.intoArray(out, outAt + 1 * STRIDE + LANES);
        s2.intoArray(out, outAt + 2 * STRIDE);
        t2.intoArray(out, outAt + 2 * STRIDE + LANES);
        s3.intoArray(out, outAt + 3 * STRIDE);
        t3.intoArray(out, outAt + 3 * STRIDE + LANES);
        s4.intoArray(out, outAt + 4 * STRIDE);
        t4.intoArray(out, outAt + 4 * STRIDE + LANES);
        s5.intoArray(out, outAt + 5 * STRIDE);
        t5.intoArray(out, outAt + 5 * STRIDE + LANES);
    }
}
