package tilewright.edge.vector;

import java.util.Arrays;

/**
 * A weight matrix [outputs, width] in the order in which {@link MatrixProduct} reads it.
 *
 * <p>Panels of {@link MatrixProduct#PANEL} outputs follow each other; a panel is [width, PANEL], so that one step along the
 * width reads one row of it. Outputs beyond the last are zeros.
 *
 * @param outputs rows of the matrix
 * @param width columns of the matrix
 * @param panels the elements
 */
record PackedMatrix(int outputs, int width, float[] panels) {
    /** The number of panels. */
    int panelCount() {
        return Math.ceilDiv(outputs, MatrixProduct.PANEL);
    }

    /** The number of outputs rounded up to whole panels. */
    static int padded(int outputs) {
        return Math.ceilDiv(outputs, MatrixProduct.PANEL) * MatrixProduct.PANEL;
    }

    /** Packs {@code groups} matrices of equal size that follow each other in {@code data}. */
    static PackedMatrix[] pack(float[] data, int groups, int width) {
        int outputs = data.length / groups / width;
        PackedMatrix[] matrices = new PackedMatrix[groups];
        for (int group = 0; group < groups; group++) {
            float[] panels = new float[Math.multiplyExact(padded(outputs), width)];
            packRows(data, group * outputs * width, width, outputs, width, panels);
            matrices[group] = new PackedMatrix(outputs, width, panels);
        }
        return matrices;
    }

    /**
     * Packs a matrix whose outputs are rows in memory.
     *
     * @param at where output 0 begins in {@code data}
     * @param stride from one output to the next
     */
    static void packRows(float[] data, int at, int stride, int outputs, int width, float[] panels) {
        int panel = MatrixProduct.PANEL;
        for (int first = 0; first < outputs; first += panel) {
            int count = Math.min(panel, outputs - first);
            int to = first * width;
            for (int i = 0; i < width; i++, to += panel) {
                int from = at + first * stride + i;
                for (int o = 0; o < count; o++) {
                    panels[to + o] = data[from + o * stride];
                }
                for (int o = count; o < panel; o++) {
                    panels[to + o] = 0;
                }
            }
        }
    }

    /**
     * Packs a matrix whose outputs are columns in memory.
     *
     * @param at where column 0 begins in {@code data}
     * @param stride from one step along the width to the next
     */
    static void packColumns(float[] data, int at, int stride, int outputs, int width, float[] panels) {
        int panel = MatrixProduct.PANEL;
        for (int first = 0; first < outputs; first += panel) {
            int count = Math.min(panel, outputs - first);
            int to = first * width;
            for (int i = 0; i < width; i++, to += panel) {
                System.arraycopy(data, at + i * stride + first, panels, to, count);
                if (count < panel) {
                    Arrays.fill(panels, to + count, to + panel, 0);
                }
            }
        }
    }

    /** Rows of {@code width} elements, each padded with zeros to whole panels. */
    static float[] padRows(float[] rows, int width) {
        int padded = padded(width);
        float[] out = new float[rows.length / width * padded];
        for (int row = 0; row < rows.length / width; row++) {
            System.arraycopy(rows, row * width, out, row * padded, width);
        }
        return out;
    }
}
