package tilewright.compiler.codes;

import java.util.Arrays;
import tilewright.model.format.GroupedCodes;

/**
 * Products of rows with matrices whose every element is one chain of fused operations in the order of the inputs: the same numbers on
 * every machine, unlike those of the runtime's kernels.
 */
public final class FixedOrderProduct {
    private static final int LANES = GroupSearch.LANES;

    private final int count;
    private final int width;
    private final float[] negated;

    /**
     * Takes rows, to be multiplied with several matrices.
     *
     * @param rows [count, width], row-major, from index {@code at} on
     */
    public FixedOrderProduct(float[] rows, int at, int count, int width) {
        this.count = count;
        this.width = width;
        this.negated = new float[Math.multiplyExact(width, count)];
        for (int row = 0; row < count; row++) {
            for (int i = 0; i < width; i++) {
                negated[i * count + row] = -rows[at + row * width + i];
            }
        }
    }

    /**
     * Multiplies with a matrix: {@code out[row][output] = sum over i of matrix[output][i] * rows[row][i]}.
     *
     * @param matrix [outputs, width], row-major
     * @param out takes [count, outputs], row-major, from index {@code outAt} on
     */
    public void multiply(float[] matrix, int outputs, float[] out, int outAt) {
        multiply(outputs, out, outAt, (panel, first) -> fill(panel, matrix, first, outputs, width));
    }

    /** As above, with the values that codes stand for. */
    public void multiply(GroupedCodes codes, float[] out, int outAt) {
        float[] values = new float[LANES * width];
        multiply(codes.rows(), out, outAt, (panel, first) -> {
            int present = Math.min(LANES, codes.rows() - first);
            for (int lane = 0; lane < present; lane++) {
                codes.decode(first + lane, values, lane * width);
            }
            fill(panel, values, 0, present, width);
        });
    }

    /** Puts some rows of a matrix side by side. */
    private interface Filling {
        void fill(float[] panel, int first);
    }

    private void multiply(int outputs, float[] out, int outAt, Filling filling) {
        float[] panel = new float[width * LANES];
        float[] sums = new float[count * LANES];
        for (int first = 0; first < outputs; first += LANES) {
            filling.fill(panel, first);
            Arrays.fill(sums, 0);
            PanelProduct.subtract(sums, 0, count, negated, count, 0, panel, 0, width);
            int present = Math.min(LANES, outputs - first);
            for (int row = 0; row < count; row++) {
                System.arraycopy(sums, row * LANES, out, outAt + row * outputs + first, present);
            }
        }
    }

    /** Puts rows {@code first} to {@code first + LANES - 1} of a matrix side by side; what is beyond the last is 0. */
    private static void fill(float[] panel, float[] matrix, int first, int rows, int width) {
        for (int lane = 0; lane < LANES; lane++) {
            boolean present = first + lane < rows;
            int from = (first + lane) * width;
            for (int i = 0; i < width; i++) {
                panel[i * LANES + lane] = present ? matrix[from + i] : 0;
            }
        }
    }
}
