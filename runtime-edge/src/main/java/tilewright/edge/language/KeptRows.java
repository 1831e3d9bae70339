package tilewright.edge.language;

import java.util.Arrays;
import tilewright.edge.Tensor;
import tilewright.model.graph.InvalidGraphException;

/** A value's rows, collected over the passes of a step. */
final class KeptRows {
    private float[] data = new float[0];
    private int rows;
    private int width;

    /** Forgets the rows. */
    void clear() {
        rows = 0;
    }

    /** Adds the rows of a pass. */
    void append(Bound value) {
        switch (value) {
            case Rows more -> {
                grow(more.rows(), more.width());
                for (int row = 0; row < more.rows(); row++) {
                    System.arraycopy(more.data(), more.at(row), data, (rows + row) * width, width);
                }
                rows += more.rows();
            }
            case Indices more
            when more.space() != null -> {
                grow(more.space().rows(), more.width());
                for (int i = 0; i < more.space().rows() * width; i++) {
                    data[rows * width + i] = more.data()[i];
                }
                rows += more.space().rows();
            }
            default -> throw new InvalidGraphException("a value without rows cannot be kept");
        }
    }

    private void grow(int more, int newWidth) {
        width = newWidth;
        int needed = Math.multiplyExact(rows + more, width);
        if (data.length < needed) {
            data = Arrays.copyOf(data, Math.max(needed, 2 * data.length));
        }
    }

    /** A copy. */
    Tensor tensor() {
        return new Tensor(new int[] {rows, width}, Arrays.copyOf(data, rows * width));
    }
}
