package tilewright.model.format;

import java.lang.foreign.MemorySegment;

/**
 * A number format: how {@link #blockElements()} consecutive elements become {@link #blockBytes()} bytes and back.
 *
 * <p>Bytes are little-endian and may be unaligned. Codecs have no state; several threads may use one.
 */
public interface BlockCodec {
    /** Elements of a block; 1 where every element stands for itself. */
    int blockElements();

    /** Bytes of a block. */
    int blockBytes();

    /**
     * Decodes whole blocks.
     *
     * @param bytes holds the blocks from byte {@code offset} on
     * @param values takes {@code count} values from index {@code at} on
     * @param count a multiple of {@link #blockElements()}
     * @throws IllegalArgumentException if {@code count} is no such multiple
     * @throws IndexOutOfBoundsException if bytes or values end before
     */
    void decode(MemorySegment bytes, long offset, float[] values, int at, int count);

    /**
     * Encodes whole blocks.
     *
     * @param values finite values, {@code count} of them from index {@code at} on
     * @param bytes takes the blocks from byte {@code offset} on
     * @param count a multiple of {@link #blockElements()}
     * @throws IllegalArgumentException if {@code count} is no such multiple
     * @throws IndexOutOfBoundsException if values or bytes end before
     */
    void encode(float[] values, int at, int count, MemorySegment bytes, long offset);

    /**
     * The rounding error of an encoded block: half of the widest gap between neighbouring values that it can represent. No
     * value between the least and the largest of these can be nearer to none of them; values outside are clipped and off by
     * more.
     *
     * @param bytes holds the block at byte {@code offset}
     */
    double maxError(MemorySegment bytes, long offset);
}
