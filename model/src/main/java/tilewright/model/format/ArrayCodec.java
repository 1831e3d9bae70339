package tilewright.model.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** What codecs share: blocks are copied to a small array and back, so that the loops of a format see plain arrays. */
abstract class ArrayCodec implements BlockCodec {
    private static final int CHUNK_BYTES = 1 << 13;

    private final int blockElements;
    private final int blockBytes;

    ArrayCodec(int blockElements, int blockBytes) {
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /** Decodes the block at {@code block[p]} into {@code values[at]} and following. */
    abstract void decodeBlock(byte[] block, int p, float[] values, int at);

    /** Encodes {@code values[at]} and following into the block at {@code block[p]}, all bytes of which are 0. */
    abstract void encodeBlock(float[] values, int at, byte[] block, int p);

    /** See {@link BlockCodec#maxError}, of a block that starts the array. */
    abstract double maxError(byte[] block);

    @Override
    public final int blockElements() {
        return blockElements;
    }

    @Override
    public final int blockBytes() {
        return blockBytes;
    }

    @Override
    public final void decode(MemorySegment bytes, long offset, float[] values, int at, int count) {
        int blocks = blocks(values, at, count);
        byte[] chunk = new byte[chunkBlocks(blocks) * blockBytes];
        for (int first = 0; first < blocks; first += chunk.length / blockBytes) {
            int here = Math.min(blocks - first, chunk.length / blockBytes);
            MemorySegment.copy(
                    bytes, ValueLayout.JAVA_BYTE, offset + (long) first * blockBytes, chunk, 0, here * blockBytes);
            for (int block = 0; block < here; block++) {
                decodeBlock(chunk, block * blockBytes, values, at + (first + block) * blockElements);
            }
        }
    }

    @Override
    public final void encode(float[] values, int at, int count, MemorySegment bytes, long offset) {
        int blocks = blocks(values, at, count);
        for (int first = 0; first < blocks; first += chunkBlocks(blocks)) {
            int here = Math.min(blocks - first, chunkBlocks(blocks));
            byte[] chunk = new byte[here * blockBytes];
            for (int block = 0; block < here; block++) {
                encodeBlock(values, at + (first + block) * blockElements, chunk, block * blockBytes);
            }
            MemorySegment.copy(
                    chunk, 0, bytes, ValueLayout.JAVA_BYTE, offset + (long) first * blockBytes, chunk.length);
        }
    }

    @Override
    public final double maxError(MemorySegment bytes, long offset) {
        return maxError(bytes.asSlice(offset, blockBytes).toArray(ValueLayout.JAVA_BYTE));
    }

    private int chunkBlocks(int blocks) {
        return Math.max(1, Math.min(blocks, CHUNK_BYTES / blockBytes));
    }

    private int blocks(float[] values, int at, int count) {
        Objects.checkFromIndexSize(at, count, values.length);
        if (count % blockElements != 0) {
            throw new IllegalArgumentException(count + " elements, expected a multiple of " + blockElements);
        }
        return count / blockElements;
    }

    /** The 16 bits at {@code block[p]}, sign-extended. */
    static short bits16(byte[] block, int p) {
        return (short) (block[p] & 0xff | block[p + 1] << 8);
    }

    /** The binary16 number at {@code block[p]}. */
    static float half(byte[] block, int p) {
        return Float.float16ToFloat(bits16(block, p));
    }

    /** Writes 16 bits at {@code block[p]}. */
    static void putBits16(byte[] block, int p, int bits) {
        block[p] = (byte) bits;
        block[p + 1] = (byte) (bits >>> 8);
    }

    /** Writes the binary16 number nearest to {@code value}, ties to even, and returns it. */
    static float putHalf(byte[] block, int p, float value) {
        short bits = Float.floatToFloat16(value);
        putBits16(block, p, bits);
        return Float.float16ToFloat(bits);
    }

    /** The nearest integer, the even one of two. */
    static int nearest(float value) {
        return (int) Math.rint(value);
    }

    /** The value, or the bound that it exceeds. */
    static int clamp(int value, int least, int most) {
        return Math.max(least, Math.min(most, value));
    }
}
