package tilewright.edge.vector;

import tilewright.edge.Tensor;

/** A value of one run: a view of rows in an array that may be shared with other views. */
final class Value implements Operand {
    private final int[] dims;
    private final Storage storage;
    private final int offset;
    private final int rowStride;

    private Value(int[] dims, Storage storage, int offset, int rowStride) {
        this.dims = dims;
        this.storage = storage;
        this.offset = offset;
        this.rowStride = rowStride;
    }

    /** The array behind views, with the number of values that still look at it. */
    static final class Storage {
        private final float[] data;
        private final boolean pooled;
        private int users;

        private Storage(float[] data, boolean pooled) {
            this.data = data;
            this.pooled = pooled;
        }
    }

    /** A view of the caller's tensor, which is never written or recycled. */
    static Value of(Tensor tensor) {
        return new Value(tensor.dims(), new Storage(tensor.data(), false), 0, tensor.dim(-1));
    }

    /** A new value in an array from the pool. */
    static Value in(float[] data, int... dims) {
        return new Value(dims, new Storage(data, true), 0, dims[dims.length - 1]);
    }

    /** Another view of this value's array. */
    Value view(int offsetInArray, int stride, int... viewDims) {
        return new Value(viewDims, storage, offsetInArray, stride);
    }

    /** Counts one more user of the array. */
    void retain() {
        storage.users++;
    }

    /** Counts one user less; the last one gives a pooled array back. */
    void release(Buffers buffers) {
        if (--storage.users == 0 && storage.pooled) {
            buffers.give(storage.data);
        }
    }

    /** A copy that belongs to the caller. */
    Tensor toTensor() {
        float[] copy = new float[elements()];
        int width = dim(-1);
        for (int row = 0; row < rows(); row++) {
            System.arraycopy(storage.data, row(row), copy, row * width, width);
        }
        return new Tensor(dims.clone(), copy);
    }

    @Override
    public int[] dims() {
        return dims;
    }

    @Override
    public float[] data() {
        return storage.data;
    }

    @Override
    public int offset() {
        return offset;
    }

    @Override
    public int rowStride() {
        return rowStride;
    }

    @Override
    public PackedMatrix[] packed(int groups, int width) {
        return PackedMatrix.pack(toTensor().data(), groups, width);
    }

    @Override
    public float[] padded() {
        return PackedMatrix.padRows(toTensor().data(), dim(-1));
    }
}
