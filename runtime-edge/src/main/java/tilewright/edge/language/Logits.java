package tilewright.edge.language;

import java.util.Arrays;

/**
 * The logits of a step: the wanted rows of its chunks, in their order; valid until the engine's next step.
 *
 * @param vocabulary elements of a row
 * @param rows the number of rows
 * @param data the rows, one after the other from element 0; not to be changed, and longer than the rows need
 */
public record Logits(int vocabulary, int rows, float[] data) {
    /** Where row {@code row} begins in {@link #data()}. */
    public int at(int row) {
        return Math.multiplyExact(row, vocabulary);
    }

    /** A copy of row {@code row}. */
    public float[] row(int row) {
        return Arrays.copyOfRange(data, at(row), at(row + 1));
    }

    /** The token with the largest logit in row {@code row}; the lowest id wins a tie. */
    public int best(int row) {
        int best = at(row);
        for (int i = at(row) + 1; i < at(row + 1); i++) {
            if (data[i] > data[best]) {
                best = i;
            }
        }
        return best - at(row);
    }

    /** Same shape and same elements of the rows. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Logits that
                && vocabulary == that.vocabulary
                && rows == that.rows
                && Arrays.equals(data, 0, at(rows), that.data, 0, at(rows));
    }

    @Override
    public int hashCode() {
        return 31 * vocabulary + rows;
    }

    @Override
    public String toString() {
        return "Logits[" + rows + ", " + vocabulary + "]";
    }
}
