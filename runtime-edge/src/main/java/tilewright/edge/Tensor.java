package tilewright.edge;

import java.util.Arrays;

/**
 * A float32 tensor, row-major.
 *
 * <p>Indices (expert ids, queue offsets, slots) are stored as whole numbers, which float32 holds exactly up to 2^24; executors
 * refuse to make larger ones.
 *
 * @param dims the size of each dimension, outermost first
 * @param data the elements
 */
public record Tensor(int[] dims, float[] data) {
    /**
     * Checks that the number of elements fits the dimensions.
     *
     * @throws IllegalArgumentException when it does not
     */
    public Tensor {
        long elements = 1;
        for (int dim : dims) {
            elements *= dim;
        }
        if (elements != data.length) {
            throw new IllegalArgumentException("tensor of shape " + Arrays.toString(dims) + " needs " + elements
                    + " elements, found " + data.length);
        }
    }

    /** The size of dimension {@code axis}; negative counts from the end. */
    public int dim(int axis) {
        return dims[axis < 0 ? dims.length + axis : axis];
    }

    /** Value equality: same dimensions and same elements. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor that && Arrays.equals(dims, that.dims) && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(dims) + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return "Tensor" + Arrays.toString(dims);
    }
}
