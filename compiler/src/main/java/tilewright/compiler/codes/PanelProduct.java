package tilewright.compiler.codes;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Subtracts products of a matrix with a panel from a panel: columns of {@link GroupSearch#LANES} floats each.
 *
 * <p>Each element of the result is one chain of fused operations in the order of the sources, whatever the vector's length.
 */
final class PanelProduct {
    private static final VectorSpecies<Float> FLOATS = GroupSearch.FLOATS;
    private static final int LANES = GroupSearch.LANES;

    private PanelProduct() {}

    /**
     * For k from {@code from} to {@code to - 1}: column k of {@code target} loses the sum over j of
     * {@code matrix[firstRow + j][k] * source column j}.
     *
     * @param matrix row-major
     * @param pitch elements from one of its rows to the next
     * @param source panel whose columns {@code firstSource} to {@code firstSource + sources - 1} are used
     */
    static void subtract(
            float[] target,
            int from,
            int to,
            float[] matrix,
            int pitch,
            int firstRow,
            float[] source,
            int firstSource,
            int sources) {
        int k = from;
        for (; k + 8 <= to; k += 8) {
            int at = k * LANES;
            FloatVector a = FloatVector.fromArray(FLOATS, target, at);
            FloatVector b = FloatVector.fromArray(FLOATS, target, at + LANES);
            FloatVector c = FloatVector.fromArray(FLOATS, target, at + 2 * LANES);
            FloatVector d = FloatVector.fromArray(FLOATS, target, at + 3 * LANES);
            FloatVector e = FloatVector.fromArray(FLOATS, target, at + 4 * LANES);
            FloatVector f = FloatVector.fromArray(FLOATS, target, at + 5 * LANES);
            FloatVector g = FloatVector.fromArray(FLOATS, target, at + 6 * LANES);
            FloatVector h = FloatVector.fromArray(FLOATS, target, at + 7 * LANES);
            int m = firstRow * pitch + k;
            for (int j = 0; j < sources; j++) {
                FloatVector x = FloatVector.fromArray(FLOATS, source, (firstSource + j) * LANES)
                        .neg();
                a = x.fma(FloatVector.broadcast(FLOATS, matrix[m]), a);
                b = x.fma(FloatVector.broadcast(FLOATS, matrix[m + 1]), b);
                c = x.fma(FloatVector.broadcast(FLOATS, matrix[m + 2]), c);
                d = x.fma(FloatVector.broadcast(FLOATS, matrix[m + 3]), d);
                e = x.fma(FloatVector.broadcast(FLOATS, matrix[m + 4]), e);
                f = x.fma(FloatVector.broadcast(FLOATS, matrix[m + 5]), f);
                g = x.fma(FloatVector.broadcast(FLOATS, matrix[m + 6]), g);
                h = x.fma(FloatVector.broadcast(FLOATS, matrix[m + 7]), h);
                m += pitch;
            }
            a.intoArray(target, at);
            b.intoArray(target, at + LANES);
            c.intoArray(target, at + 2 * LANES);
            d.intoArray(target, at + 3 * LANES);
            e.intoArray(target, at + 4 * LANES);
            f.intoArray(target, at + 5 * LANES);
            g.intoArray(target, at + 6 * LANES);
            h.intoArray(target, at + 7 * LANES);
        }
        for (; k < to; k++) {
            FloatVector a = FloatVector.fromArray(FLOATS, target, k * LANES);
            int m = firstRow * pitch + k;
            for (int j = 0; j < sources; j++) {
                FloatVector x = FloatVector.fromArray(FLOATS, source, (firstSource + j) * LANES)
                        .neg();
                a = x.fma(FloatVector.broadcast(FLOATS, matrix[m]), a);
                m += pitch;
            }
            a.intoArray(target, k * LANES);
        }
    }

    /**
     * As above, with the rows {@code firstRow + chosen[i]} of the matrix and the columns {@code chosen[i]} of the source for i below
     * {@code count} alone: the same as with all when the other columns are 0.
     */
    static void subtract(
            float[] target,
            int from,
            int to,
            float[] matrix,
            int pitch,
            int firstRow,
            float[] source,
            int[] chosen,
            int count) {
        int k = from;
        for (; k + 4 <= to && count > 0; k += 4) {
            int at = k * LANES;
            FloatVector a = FloatVector.fromArray(FLOATS, target, at);
            FloatVector b = FloatVector.fromArray(FLOATS, target, at + LANES);
            FloatVector c = FloatVector.fromArray(FLOATS, target, at + 2 * LANES);
            FloatVector d = FloatVector.fromArray(FLOATS, target, at + 3 * LANES);
            for (int i = 0; i < count; i++) {
                int m = (firstRow + chosen[i]) * pitch + k;
                FloatVector x =
                        FloatVector.fromArray(FLOATS, source, chosen[i] * LANES).neg();
                a = x.fma(FloatVector.broadcast(FLOATS, matrix[m]), a);
                b = x.fma(FloatVector.broadcast(FLOATS, matrix[m + 1]), b);
                c = x.fma(FloatVector.broadcast(FLOATS, matrix[m + 2]), c);
                d = x.fma(FloatVector.broadcast(FLOATS, matrix[m + 3]), d);
            }
            a.intoArray(target, at);
            b.intoArray(target, at + LANES);
            c.intoArray(target, at + 2 * LANES);
            d.intoArray(target, at + 3 * LANES);
        }
        for (; k < to && count > 0; k++) {
            FloatVector a = FloatVector.fromArray(FLOATS, target, k * LANES);
            for (int i = 0; i < count; i++) {
                FloatVector x =
                        FloatVector.fromArray(FLOATS, source, chosen[i] * LANES).neg();
                a = x.fma(FloatVector.broadcast(FLOATS, matrix[(firstRow + chosen[i]) * pitch + k]), a);
            }
            a.intoArray(target, k * LANES);
        }
    }
}
