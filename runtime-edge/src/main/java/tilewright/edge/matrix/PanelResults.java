package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Where the results for some panels go.
 *
 * @param outputs rows of the panels
 * @param bias one element per output, or null for none
 * @param biasAt where output 0's bias is
 * @param yAt where output 0 of the first row goes
 * @param yStride from one row of {@code y} to the next
 */
record PanelResults(int outputs, float[] bias, int biasAt, float[] y, int yAt, int yStride) {
    /** Stores or adds up to {@code count} results of one row, from output {@code first} on. */
    void put(int row, int first, int count, float[] from, int at, boolean add) {
        int to = yAt + row * yStride + first;
        int used = Math.min(count, outputs - first);
        if (add) {
            for (int i = 0; i < used; i++) {
                y[to + i] += from[at + i];
            }
        } else if (bias != null) {
            for (int i = 0; i < used; i++) {
                y[to + i] = from[at + i] + bias[biasAt + first + i];
            }
        } else {
            System.arraycopy(from, at, y, to, used);
        }
    }

    /** Stores up to {@code count} results of one row, from output {@code first} on, which lie off heap. */
    void put(int row, int first, int count, MemorySegment from, long at) {
        int used = Math.min(count, outputs - first);
        MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, at, y, yAt + row * yStride + first, used);
        addBias(row, first, used);
    }

    /** Adds the bias, if there is one, to up to {@code count} stored results of one row, from output {@code first} on. */
    void addBias(int row, int first, int count) {
        if (bias == null) {
            return;
        }
        int to = yAt + row * yStride + first;
        int used = Math.min(count, outputs - first);
        for (int i = 0; i < used; i++) {
            y[to + i] += bias[biasAt + first + i];
        }
    }
}
