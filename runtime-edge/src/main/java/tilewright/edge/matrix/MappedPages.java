package tilewright.edge.matrix;

import java.lang.foreign.MemorySegment;

/** Pages of mapped files. */
public final class MappedPages {
    private MappedPages() {}

    /**
     * Gives the whole pages of a mapped, read-only area back to the system, where it can be asked to; they are read again if
     * touched again. Does nothing for other memory.
     */
    public static void release(MemorySegment area) {
        OffHeap.release(area);
    }
}
