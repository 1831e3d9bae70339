package tilewright.edge.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/** Random stored matrices of every format: arbitrary codes and scales, not only those that an encoder would choose. */
final class Stored {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Every format that has kernels of its own. */
    static final List<DType> FORMATS = List.of(
            DType.F32,
            DType.F16,
            DType.BF16,
            DType.Q8_0,
            DType.Q4_0,
            DType.Q4_1,
            DType.Q5_0,
            DType.Q5_1,
            DType.IQ4_NL,
            DType.MXFP4,
            DType.Q2_K,
            DType.Q3_K,
            DType.Q4_K,
            DType.Q5_K,
            DType.Q6_K,
            DType.IQ4_XS);

    private Stored() {}

    /** A matrix at an odd address. */
    static EncodedMatrix random(Random random, DType format, int rows, int width) {
        long size = rows * format.bytesFor(width);
        MemorySegment bytes = Arena.ofAuto().allocate(size + 1, 64).asSlice(1);
        for (long i = 0; i < size; i++) {
            bytes.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
        }
        for (long at = 0; at < size; at += format.blockBytes()) {
            switch (format) {
                case F32 -> bytes.set(FLOAT, at, (float) random.nextGaussian());
                case F16, Q4_0, Q5_0, Q8_0, IQ4_NL, IQ4_XS -> half(random, bytes, at);
                case BF16 ->
                    bytes.set(SHORT, at, (short) (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16));
                case Q4_1, Q5_1, Q4_K, Q5_K -> {
                    half(random, bytes, at);
                    half(random, bytes, at + 2);
                }
                case Q2_K -> {
                    half(random, bytes, at + 80);
                    half(random, bytes, at + 82);
                }
                case Q3_K -> half(random, bytes, at + 108);
                case Q6_K -> half(random, bytes, at + 208);
                case MXFP4 -> bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (118 + random.nextInt(8)));
                default -> throw new IllegalArgumentException(format.label());
            }
        }
        return new EncodedMatrix(format, rows, width, bytes);
    }

    private static void half(Random random, MemorySegment bytes, long at) {
        // One in sixteen is subnormal.
        float scale = random.nextInt(16) == 0 ? 0x1p-18f : 0.01f;
        bytes.set(SHORT, at, Float.floatToFloat16(scale * (float) random.nextGaussian()));
    }

    /** The values as the format's codec decodes them, row after row. */
    static float[] decoded(List<EncodedMatrix> parts) {
        int width = parts.getFirst().width();
        int rows = (int) parts.stream().mapToLong(EncodedMatrix::rows).sum();
        float[] values = new float[rows * width];
        int at = 0;
        for (EncodedMatrix part : parts) {
            part.decode(0, (int) part.rows(), values, at);
            at += (int) part.rows() * width;
        }
        return values;
    }

    /** Normal random numbers, some of them large. */
    static float[] activations(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() * (random.nextInt(100) == 0 ? 30 : 1);
        }
        return values;
    }
}
