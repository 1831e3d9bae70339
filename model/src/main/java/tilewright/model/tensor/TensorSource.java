package tilewright.model.tensor;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import tilewright.model.InvalidInputException;

/**
 * Named tensors of a model, read on demand from mapped files.
 *
 * <p>Safe for use by several threads. After {@link #close} the bytes are unmapped, and access to them throws
 * {@link IllegalStateException}.
 */
public interface TensorSource extends AutoCloseable {
    /** The names of all tensors, sorted; unmodifiable. */
    Set<String> names();

    /**
     * Describes one tensor.
     *
     * @throws InvalidInputException if there is none of this name; the message suggests the nearest existing one
     */
    TensorInfo info(String name);

    /**
     * A read-only view of the tensor's bytes in the mapped file: little-endian elements, row-major, unaligned.
     *
     * @throws InvalidInputException if there is no tensor of this name
     */
    MemorySegment bytes(String name);

    /**
     * Reads the tensor as float32, row-major; integers as their numeric value, {@code BOOL} as 0 or 1. F64 and wide
     * integers are rounded to the nearest float32.
     *
     * @throws InvalidInputException if there is no tensor of this name, or it has too many elements for one array
     */
    float[] floats(String name);

    /**
     * Reads the tensor as {@link #floats} does and refuses NaN and infinite values.
     *
     * @throws InvalidInputException naming the tensor, and index and value of the first element that is not finite
     */
    default float[] finiteFloats(String name) {
        float[] values = floats(name);
        if (!allFinite(values)) {
            throw new InvalidInputException(NonFinite.describe(info(name), values));
        }
        return values;
    }

    /**
     * Where bytes of a tensor lie in its file, for those who read them past the mapping.
     *
     * @param bytes a tensor's bytes as {@link #bytes} gave them, or a part of them
     * @return null when they are no part of a file of this source, such as values that were computed
     */
    default FilePlace place(MemorySegment bytes) {
        return null;
    }

    /** Unmaps the files; a second call does nothing. */
    @Override
    void close();

    /** Without their sign, the bits of finite numbers are below those of infinity; the loop has no branch. */
    private static boolean allFinite(float[] values) {
        int largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Float.floatToRawIntBits(value) & Integer.MAX_VALUE);
        }
        return largest < Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
    }
}
