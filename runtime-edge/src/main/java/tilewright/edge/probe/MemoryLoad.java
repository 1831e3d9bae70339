package tilewright.edge.probe;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A thread that reads memory as fast as it can until it is closed, as decoding does: what is measured meanwhile has that beside it. */
public final class MemoryLoad implements AutoCloseable {
    /** The least memory that can be read. */
    public static final long LEAST_BYTES = MemoryBandwidth.SLICE_BYTES;

    /** More than most last-level caches hold. */
    private static final long OWN_BYTES = 128L << 20;

    private final Arena arena = Arena.ofShared();
    private final Thread thread;
    private volatile boolean closed;
    /** Keeps the reads. */
    private volatile long sum;

    private volatile long bytes;

    /** Begins to read 128 MiB of its own. */
    public MemoryLoad() {
        this(null);
    }

    /**
     * Begins to read.
     *
     * @param memory from begin to end and over again, at least {@link #LEAST_BYTES}; null for memory of its own
     * @throws IllegalArgumentException when it is less
     */
    public MemoryLoad(MemorySegment memory) {
        if (memory != null && memory.byteSize() < LEAST_BYTES) {
            throw new IllegalArgumentException(
                    memory.byteSize() + " bytes of memory, expected at least " + LEAST_BYTES);
        }
        thread = Thread.ofPlatform().daemon().name("memory-load").start(() -> read(memory == null ? own() : memory));
    }

    /** Touched, so that there are pages behind it. */
    private MemorySegment own() {
        return arena.allocate(OWN_BYTES, Long.BYTES * 8).fill((byte) 1);
    }

    private void read(MemorySegment memory) {
        long at = 0;
        while (!closed) {
            sum += MemoryBandwidth.sum(memory, at);
            at += MemoryBandwidth.SLICE_BYTES;
            bytes += MemoryBandwidth.SLICE_BYTES;
            at = at + MemoryBandwidth.SLICE_BYTES > memory.byteSize() ? 0 : at;
        }
    }

    /** What has been read so far. */
    long bytes() {
        return bytes;
    }

    /** Ends the thread. */
    @Override
    public void close() {
        closed = true;
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        arena.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
