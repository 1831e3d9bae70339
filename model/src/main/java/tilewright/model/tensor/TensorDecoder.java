package tilewright.model.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Converts little-endian elements of every {@link DType} to float32. */
public final class TensorDecoder {
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
        switch (dtype) {
            case F32 -> MemorySegment.copy(bytes, FLOAT, 0, values, 0, count);
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = (float) bytes.get(DOUBLE, 8L * i);
                }
            }
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = Float.float16ToFloat(bytes.get(SHORT, 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = Float.intBitsToFloat(bytes.get(SHORT, 2L * i) << 16);
                }
            }
            case I64 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = bytes.get(LONG, 8L * i);
                }
            }
            case I32 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = bytes.get(INT, 4L * i);
                }
            }
            case I16 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = bytes.get(SHORT, 2L * i);
                }
            }
            case I8 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = bytes.get(ValueLayout.JAVA_BYTE, i);
                }
            }
            case U8 -> {
                for (int i = 0; i < count; i++) {
                    values[i] = Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, i));
                }
            }
            case BOOL -> {
                for (int i = 0; i < count; i++) {
                    values[i] = bytes.get(ValueLayout.JAVA_BYTE, i) == 0 ? 0 : 1;
                }
            }
        }
        return values;
    }
}
