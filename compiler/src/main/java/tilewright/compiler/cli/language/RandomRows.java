package tilewright.compiler.cli.language;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import tilewright.model.tensor.DType;

/**
 * Random weights in any format, drawn block by block from a pool of encoded ones, which is many times faster than encoding.
 *
 * <p>Weights have deviation 1 / sqrt(width), so that activations keep their size. The same seed gives the same bytes on every
 * machine.
 */
final class RandomRows {
    private static final int POOL_ELEMENTS = 1 << 19;
    /** Plain types are drawn in runs of so many elements. */
    private static final int PLAIN_RUN = 32;

    private static final int CHUNK_BYTES = 1 << 20;

    private final long seed;
    private final Map<String, byte[]> pools = new HashMap<>();

    RandomRows(long seed) {
        this.seed = seed;
    }

    /** Takes encoded bytes. */
    @FunctionalInterface
    interface Sink {
        /** Takes the next bytes; the buffer is reused afterwards. */
        void write(ByteBuffer bytes) throws IOException;
    }

    /**
     * Writes rows of a matrix.
     *
     * @param name decides the random numbers, with the seed
     * @param width elements of a row, of whole blocks
     */
    void write(String name, DType dtype, long rows, int width, Sink sink) throws IOException {
        byte[] pool = pools.computeIfAbsent(dtype + " " + width, _ -> pool(dtype, width));
        int elements = dtype.isBlockFormat() ? dtype.blockElements() : Math.min(PLAIN_RUN, width);
        int bytes = Math.toIntExact(dtype.bytesFor(elements));
        int choices = pool.length / bytes;
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ name.hashCode());
        long left = Math.multiplyExact(rows, dtype.bytesFor(width));
        byte[] chunk = new byte[(int) Math.min(left, CHUNK_BYTES / bytes * bytes)];
        while (left > 0) {
            int here = (int) Math.min(left, chunk.length);
            for (int at = 0; at < here; at += bytes) {
                System.arraycopy(pool, random.nextInt(choices) * bytes, chunk, at, Math.min(bytes, here - at));
            }
            sink.write(ByteBuffer.wrap(chunk, 0, here));
            left -= here;
        }
    }

    /** Writes norm factors: numbers around 1. */
    void writeNorm(String name, DType dtype, int width, Sink sink) throws IOException {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ name.hashCode());
        sink.write(ByteBuffer.wrap(encode(dtype, normal(random, width, 1, 0.1))));
    }

    private byte[] pool(DType dtype, int width) {
        SplittableRandom random = new SplittableRandom(seed ^ width);
        return encode(dtype, normal(random, POOL_ELEMENTS, 0, 1 / Math.sqrt(width)));
    }

    private static byte[] encode(DType dtype, float[] values) {
        byte[] bytes = new byte[Math.toIntExact(dtype.bytesFor(values.length))];
        dtype.codec().encode(values, 0, values.length, MemorySegment.ofArray(bytes), 0);
        return bytes;
    }

    /** Sums of twelve uniform numbers: normal enough, and exact arithmetic, so equal everywhere. */
    private static float[] normal(SplittableRandom random, int count, double mean, double deviation) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            long sum = 0;
            for (int draw = 0; draw < 3; draw++) {
                long bits = random.nextLong();
                sum += (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
            }
            // Twelve numbers of 0..65535: mean 6 * 65535, deviation very nearly 65536.
            values[i] = (float) (mean + deviation * (sum - 6 * 65535) / 65536.0);
        }
        return values;
    }
}
