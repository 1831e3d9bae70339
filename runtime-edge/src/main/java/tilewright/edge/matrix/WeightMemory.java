package tilewright.edge.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Where packed weights live: memory outside the heap, in large pieces, so that small matrices share huge pages too.
 *
 * <p>Safe for use by several threads. A piece is freed when neither this object nor any matrix in it is reachable.
 */
public final class WeightMemory {
    private static final long LARGEST_PIECE = 64L << 20;

    private MemorySegment piece = MemorySegment.NULL;
    private long used;
    private long reserved;

    /** Memory of which nothing is used yet. */
    public WeightMemory() {}

    /** Zeros off the heap, aligned to pages of 4096, in huge pages where there are any; freed when no longer reachable. */
    public static MemorySegment pages(long bytes) {
        return OffHeap.allocate(bytes);
    }

    /**
     * Zeros off the heap, aligned to pages of 4096, which take memory only once they are touched.
     *
     * @param bytes more than 0
     * @param arena frees them when it closes
     * @throws OutOfMemoryError when the system has no room
     */
    public static MemorySegment pages(long bytes, Arena arena) {
        return OffHeap.allocate(bytes, arena);
    }

    /** Bytes taken from the system so far. */
    public synchronized long bytes() {
        return reserved;
    }

    /** Zeros, 64-byte aligned, of their own. */
    synchronized MemorySegment allocate(long bytes) {
        long rounded = Math.ceilDiv(Math.max(bytes, 1), PanelLayout.WORD_BYTES) * PanelLayout.WORD_BYTES;
        if (piece.byteSize() - used < rounded) {
            // The first is as large as it must be; further ones double the total up to a limit.
            long size = Math.max(rounded, Math.min(LARGEST_PIECE, reserved));
            piece = OffHeap.allocate(size);
            used = 0;
            reserved += size;
        }
        MemorySegment part = piece.asSlice(used, bytes);
        used += rounded;
        return part;
    }
}
