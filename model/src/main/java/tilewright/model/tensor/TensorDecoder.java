package tilewright.model.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Converts little-endian elements of every {@link DType} to float32. */
public final class TensorDecoder {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private TensorDecoder() {}

    /**
     * Decodes {@code count} elements from the start of {@code bytes}, which may be unaligned.
     *
     * @throws IndexOutOfBoundsException if there are fewer
     */
    public static float[] floats(DType dtype, MemorySegment bytes, int count) {
        float[] values = new float[count];
        decode(dtype, bytes, 0, values, 0, count);
        return values;
    }

    /**
     * Decodes {@code count} elements, whole blocks, from byte {@code offset} on into {@code values} from index {@code at}
     * on.
     *
     * @throws IndexOutOfBoundsException if there are fewer
     */
    public static void decode(DType dtype, MemorySegment bytes, long offset, float[] values, int at, int count) {
        MemorySegment source = bytes.asSlice(offset, dtype.bytesFor(count));
        switch (dtype) {
            case F32 -> MemorySegment.copy(source, FLOAT, 0, values, at, count);
            case F64 -> fill(values, at, count, i -> (float) source.get(DOUBLE, 8L * i));
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    values[at + i] = Float.float16ToFloat(source.get(SHORT, 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    values[at + i] = Float.intBitsToFloat(source.get(SHORT, 2L * i) << 16);
                }
            }
            case I64 -> fill(values, at, count, i -> source.get(LONG, 8L * i));
            case I32 -> fill(values, at, count, i -> source.get(INT, 4L * i));
            case I16 -> fill(values, at, count, i -> source.get(SHORT, 2L * i));
            case I8 -> fill(values, at, count, i -> source.get(BYTE, i));
            case U64 -> fill(values, at, count, i -> unsigned(source.get(LONG, 8L * i)));
            case U32 -> fill(values, at, count, i -> Integer.toUnsignedLong(source.get(INT, 4L * i)));
            case U16 -> fill(values, at, count, i -> Short.toUnsignedInt(source.get(SHORT, 2L * i)));
            case U8 -> fill(values, at, count, i -> Byte.toUnsignedInt(source.get(BYTE, i)));
            case BOOL -> fill(values, at, count, i -> source.get(BYTE, i) == 0 ? 0 : 1);
            default -> dtype.codec().decode(source, 0, values, at, count);
        }
    }

    /** What element {@code index} is as float32. */
    @FunctionalInterface
    private interface Element {
        float at(int index);
    }

    private static void fill(float[] values, int at, int count, Element element) {
        for (int i = 0; i < count; i++) {
            values[at + i] = element.at(i);
        }
    }

    /** The nearest float32 of an unsigned 64-bit integer: halved with a sticky lowest bit, so that it is rounded once. */
    private static float unsigned(long value) {
        return value >= 0 ? value : 2f * (value >>> 1 | value & 1);
    }
}
