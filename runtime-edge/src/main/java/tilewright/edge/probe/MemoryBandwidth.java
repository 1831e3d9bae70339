package tilewright.edge.probe;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Measures how fast this machine reads memory: the bound of decoding. */
public final class MemoryBandwidth {
    private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
    /** All shares together, at least: more than a last-level cache holds. */
    private static final long BYTES = 512L << 20;

    private static final long LEAST_BYTES_PER_THREAD = 32L << 20;

    /** What {@link #sum} reads. */
    static final int SLICE_BYTES = 1 << 20;

    private static final int PASSES = 16;

    private MemoryBandwidth() {}

    /**
     * Reads more memory than any cache holds, several times over, and gives the fastest pass.
     *
     * @param threads threads that read, each its own share
     * @return bytes per second
     */
    public static double measure(int threads) {
        long share = Math.max(LEAST_BYTES_PER_THREAD, BYTES / threads / SLICE_BYTES * SLICE_BYTES);
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(threads * share, Long.BYTES * 8);
            inParallel(threads, thread -> memory.asSlice(thread * share, share).fill((byte) 1));
            double best = 0;
            for (int pass = 0; pass < PASSES; pass++) {
                long start = System.nanoTime();
                inParallel(threads, thread -> {
                    MemorySegment part = memory.asSlice(thread * share, share);
                    long sum = 0;
                    for (long at = 0; at < share; at += SLICE_BYTES) {
                        sum += sum(part, at);
                    }
                    // Every byte is 1, so a sum of 0 cannot be; the comparison keeps the reads.
                    if (sum == 0) {
                        throw new IllegalStateException("memory does not hold what was written");
                    }
                });
                best = Math.max(best, threads * share / ((System.nanoTime() - start) * 1e-9));
            }
            return best;
        }
    }

    /** One slice with four sums that do not wait for each other. */
    static long sum(MemorySegment memory, long at) {
        int step = SPECIES.vectorByteSize();
        LongVector a = LongVector.zero(SPECIES);
        LongVector b = a;
        LongVector c = a;
        LongVector d = a;
        ByteOrder order = ByteOrder.nativeOrder();
        for (int i = 0; i < SLICE_BYTES; i += 4 * step) {
            a = a.add(LongVector.fromMemorySegment(SPECIES, memory, at + i, order));
            b = b.add(LongVector.fromMemorySegment(SPECIES, memory, at + i + step, order));
            c = c.add(LongVector.fromMemorySegment(SPECIES, memory, at + i + 2L * step, order));
            d = d.add(LongVector.fromMemorySegment(SPECIES, memory, at + i + 3L * step, order));
        }
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }

    /** Work on one thread's share. */
    @FunctionalInterface
    private interface Share {
        void run(int thread);
    }

    private static void inParallel(int threads, Share work) {
        Thread[] others = new Thread[threads - 1];
        for (int i = 0; i < others.length; i++) {
            int thread = i + 1;
            others[i] = Thread.ofPlatform().daemon().start(() -> work.run(thread));
        }
        work.run(0);
        try {
            for (Thread other : others) {
                other.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring memory", e);
        }
    }
}
