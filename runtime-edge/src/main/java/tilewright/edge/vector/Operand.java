package tilewright.edge.vector;

/**
 * What a kernel reads: float32 rows of equal length that may lie apart in memory.
 *
 * <p>A row runs along the last dimension; rows are numbered in row-major order of the other dimensions.
 */
sealed interface Operand permits Value, Weight {
    /** The size of each dimension, outermost first; not to be changed. */
    int[] dims();

    /** The array that holds the rows. */
    float[] data();

    /** Where row 0 begins in {@link #data()}. */
    int offset();

    /** The distance in elements from one row's begin to the next's. */
    int rowStride();

    /**
     * The operand [groups..., outputs, width] as matrices for {@link MatrixProduct}, one per group.
     *
     * @param width elements per output; the trailing dimensions that make it up are flattened
     */
    PackedMatrix[] packed(int groups, int width);

    /** The rows, each padded with zeros to a whole number of panels, one after the other: biases for {@link MatrixProduct}. */
    float[] padded();

    /** The size of dimension {@code axis}; negative counts from the end. */
    default int dim(int axis) {
        int[] dims = dims();
        return dims[axis < 0 ? dims.length + axis : axis];
    }

    /** The number of rows. */
    default int rows() {
        int rows = 1;
        for (int axis = 0; axis < dims().length - 1; axis++) {
            rows *= dim(axis);
        }
        return rows;
    }

    /** The number of elements. */
    default int elements() {
        return rows() * dim(-1);
    }

    /** Whether the elements lie in one piece, row-major, from {@link #offset()} on. */
    default boolean isContiguous() {
        return rowStride() == dim(-1) || rows() == 1;
    }

    /** Where row {@code row} begins in {@link #data()}. */
    default int row(int row) {
        return offset() + row * rowStride();
    }
}
