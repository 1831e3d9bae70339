package tilewright.model.tensor;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * What a tensor file says about one tensor, checked against the file's size.
 *
 * @param name the tensor's name in the file
 * @param dtype the element type
 * @param shape the extents, outermost first; empty for a scalar; none negative
 * @param file the file that holds the elements
 * @param offset the position of the first element, in bytes from the start of the file
 * @param bytes the size of the elements; always {@code dtype.bytesFor(elements())}
 */
public record TensorInfo(String name, DType dtype, List<Long> shape, Path file, long offset, long bytes) {
    /**
     * Checks that the size agrees with shape and type.
     *
     * @throws IllegalArgumentException if it does not; readers check before they come here
     */
    public TensorInfo {
        Objects.requireNonNull(name);
        Objects.requireNonNull(file);
        shape = List.copyOf(shape);
        if (offset < 0 || bytes != byteCount(dtype, shape)) {
            throw new IllegalArgumentException("tensor '" + name + "' of shape " + shape + " and type " + dtype
                    + " cannot take " + bytes + " bytes at offset " + offset);
        }
    }

    /** The number of elements: the product of the extents, 1 for a scalar. */
    public long elements() {
        return bytes / dtype.blockBytes() * dtype.blockElements();
    }

    /**
     * The bytes that a tensor of this type and shape takes.
     *
     * @return the size, or -1 when an extent is negative, the last one is not of whole blocks, or the product exceeds a
     *     64-bit integer
     */
    public static long byteCount(DType dtype, List<Long> shape) {
        long elements = 1;
        boolean empty = false;
        for (long extent : shape) {
            if (extent < 0) {
                return -1;
            }
            empty |= extent == 0;
        }
        if ((shape.isEmpty() ? 1 : shape.getLast()) % dtype.blockElements() != 0) {
            return -1;
        }
        if (empty) {
            return 0;
        }
        for (long extent : shape) {
            if (extent > Long.MAX_VALUE / elements) {
                return -1;
            }
            elements *= extent;
        }
        long blocks = elements / dtype.blockElements();
        return blocks > Long.MAX_VALUE / dtype.blockBytes() ? -1 : blocks * dtype.blockBytes();
    }
}
