package tilewright.model.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.TensorDecoder;

/**
 * One NumPy array: element type, extents and little-endian elements, row-major.
 *
 * @param place the file, and the part of it, for messages
 * @param dtype the element type; BF16 does not occur
 * @param shape the extents, outermost first; empty for a scalar
 * @param elements the elements, read-only, unaligned; exactly as many bytes as shape and type take
 */
public record NpyArray(String place, DType dtype, List<Long> shape, MemorySegment elements) {
    private static final int MAX_ARRAY_ELEMENTS = Integer.MAX_VALUE - 8;

    /** Makes extents and elements unmodifiable. */
    public NpyArray {
        shape = List.copyOf(shape);
        elements = elements.asReadOnly();
    }

    /** The number of elements. */
    public long count() {
        return elements.byteSize() / dtype.bytes();
    }

    /**
     * All elements as float32; F64 and wide integers are rounded to the nearest.
     *
     * @throws InvalidInputException if there are too many for one array
     */
    public float[] floats() {
        return floats(0, count());
    }

    /** Elements {@code from} to {@code from + length}, not included, as float32. */
    float[] floats(long from, long length) {
        MemorySegment slice = elements.asSlice(from * dtype.bytes(), length * dtype.bytes());
        return TensorDecoder.floats(dtype, slice, arrayLength(length));
    }

    /**
     * All elements as 32-bit integers.
     *
     * @throws InvalidInputException if the type is not an integer one, a value exceeds 32 bits, or there are too many
     */
    public int[] ints() {
        int[] values = new int[arrayLength(count())];
        for (int i = 0; i < values.length; i++) {
            long value = integer(i);
            if (value != (int) value) {
                throw new InvalidInputException(
                        place + ": element " + i + " is " + value + ", which exceeds 32 bits; save values from "
                                + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE);
            }
            values[i] = (int) value;
        }
        return values;
    }

    private long integer(long index) {
        return switch (dtype) {
            case I64 -> elements.get(little(ValueLayout.JAVA_LONG_UNALIGNED), 8 * index);
            case I32 -> elements.get(little(ValueLayout.JAVA_INT_UNALIGNED), 4 * index);
            case I16 -> elements.get(little(ValueLayout.JAVA_SHORT_UNALIGNED), 2 * index);
            case I8 -> elements.get(ValueLayout.JAVA_BYTE, index);
            case U8 -> Byte.toUnsignedInt(elements.get(ValueLayout.JAVA_BYTE, index));
            default ->
                throw new InvalidInputException(
                        place + ": elements are " + dtype.label() + ", expected integers; save with astype('int64')");
        };
    }

    private int arrayLength(long elementCount) {
        if (elementCount > MAX_ARRAY_ELEMENTS) {
            throw new InvalidInputException(place + ": " + elementCount + " elements, at most " + MAX_ARRAY_ELEMENTS
                    + " fit in one array; split the array");
        }
        return (int) elementCount;
    }

    @SuppressWarnings("unchecked")
    private static <L extends ValueLayout> L little(L layout) {
        return (L) layout.withOrder(ByteOrder.LITTLE_ENDIAN);
    }
}
