package tilewright.model.graph;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.TensorDecoder;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/**
 * A matrix [rows, width] as it is stored: row after row, each of whole blocks, little-endian, possibly unaligned.
 *
 * @param format how elements are stored
 * @param rows the number of rows, not negative
 * @param width elements of a row, a multiple of the format's block
 * @param bytes exactly the rows' bytes, usually a view of a mapped file; read only
 */
public record EncodedMatrix(DType format, long rows, int width, MemorySegment bytes) {
    /**
     * Checks that rows are whole blocks and that the bytes are theirs.
     *
     * @throws IllegalArgumentException if not
     */
    public EncodedMatrix {
        Objects.requireNonNull(format);
        if (rows < 0 || width < 0 || bytes.byteSize() != Math.multiplyExact(rows, format.bytesFor(width))) {
            throw new IllegalArgumentException("a matrix of " + rows + " x " + width + " elements of " + format.label()
                    + " cannot have " + bytes.byteSize() + " bytes");
        }
    }

    /**
     * A stored tensor, its leading axes taken together as rows; a scalar is one row of one element.
     *
     * @throws tilewright.model.InvalidInputException if there is no tensor of this name
     * @throws ArithmeticException if rows are longer than a 32-bit integer can say
     */
    public static EncodedMatrix of(TensorSource source, String name) {
        TensorInfo info = source.info(name);
        List<Long> shape = info.shape();
        int width = shape.isEmpty() ? 1 : Math.toIntExact(shape.getLast());
        long rows = width == 0 ? 0 : info.elements() / width;
        return new EncodedMatrix(info.dtype(), rows, width, source.bytes(name));
    }

    /** Bytes of one row. */
    public long rowBytes() {
        return format.bytesFor(width);
    }

    /** A view of {@code count} rows from row {@code first} on. */
    public EncodedMatrix slice(long first, long count) {
        Objects.checkFromIndexSize(first, count, rows);
        return new EncodedMatrix(format, count, width, bytes.asSlice(first * rowBytes(), count * rowBytes()));
    }

    /**
     * Decodes {@code count} rows from row {@code first} on to float32.
     *
     * @param values takes {@code count * width} values from index {@code at} on
     */
    public void decode(long first, int count, float[] values, int at) {
        Objects.checkFromIndexSize(first, count, rows);
        TensorDecoder.decode(format, bytes, first * rowBytes(), values, at, Math.multiplyExact(count, width));
    }
}
