package tilewright.model.graph;

import java.util.Arrays;

/**
 * A float64 tensor, row-major; indices are stored as whole numbers.
 *
 * @param dims the size of each dimension, outermost first
 * @param data the elements
 */
public record Tensor64(int[] dims, double[] data) {
    /** Checks that the number of elements fits the dimensions. */
    public Tensor64 {
        long elements = 1;
        for (int dim : dims) {
            elements *= dim;
        }
        if (elements != data.length) {
            throw new IllegalArgumentException("tensor of shape " + Arrays.toString(dims) + " needs " + elements
                    + " elements, found " + data.length);
        }
    }

    /** A tensor of zeros. */
    public static Tensor64 zeros(int... dims) {
        int elements = 1;
        for (int dim : dims) {
            elements = Math.multiplyExact(elements, dim);
        }
        return new Tensor64(dims, new double[elements]);
    }

    /** A tensor of these float32 values, widened. */
    public static Tensor64 of(int[] dims, float[] values) {
        double[] data = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            data[i] = values[i];
        }
        return new Tensor64(dims, data);
    }

    /** The size of dimension {@code axis}; negative counts from the end. */
    public int dim(int axis) {
        return dims[axis < 0 ? dims.length + axis : axis];
    }

    /** The number of rows when all dimensions but the last are flattened. */
    public int rows() {
        int rows = 1;
        for (int axis = 0; axis < dims.length - 1; axis++) {
            rows *= dims[axis];
        }
        return rows;
    }

    /** Value equality: same dimensions and same elements. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor64 that && Arrays.equals(dims, that.dims) && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(dims) + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return "Tensor64" + Arrays.toString(dims);
    }
}
