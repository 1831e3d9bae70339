package tilewright.edge.probe;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tilewright.edge.expert.StorageFile;
import tilewright.edge.expert.StorageRate;
import tilewright.edge.matrix.WeightMemory;

/** Measures how fast a file is read at random places, past the page cache where the file system allows it. */
public final class StorageProbe implements AutoCloseable {
    /**
     * Memory to read into: more than most last-level caches hold. Reads into 8 MiB over and over again, which stay in such a cache,
     * are up to a tenth faster than any reading of experts can be.
     */
    public static final long MEMORY_BYTES = 64L << 20;

    private static final int ALIGNMENT = 4096;

    private final Path file;
    private final StorageFile.Opened opened;
    private final int readBytes;
    private final long places;
    private MemorySegment memory;

    private StorageProbe(Path file, StorageFile.Opened opened, int readBytes, long places, MemorySegment memory) {
        this.file = file;
        this.opened = opened;
        this.readBytes = readBytes;
        this.places = places;
        this.memory = memory;
    }

    /** A probe of this file that reads into {@link #MEMORY_BYTES} of its own, or more where reads are large. */
    public static StorageProbe of(Path file, int readBytes) throws IOException {
        return of(file, readBytes, MemorySegment.NULL);
    }

    /**
     * A probe of this file.
     *
     * @param readBytes bytes of one read, a positive multiple of 4096, at most as many as the file has
     * @param memory to read into, aligned to 4096 bytes; memory of its own where that is less than one read for each lane
     * @throws IOException when the file cannot be read
     * @throws tilewright.model.InvalidInputException when it is not there
     * @throws IllegalArgumentException when it is shorter than one read
     */
    public static StorageProbe of(Path file, int readBytes, MemorySegment memory) throws IOException {
        if (readBytes <= 0 || readBytes % ALIGNMENT != 0) {
            throw new IllegalArgumentException("reads of " + readBytes + " bytes, expected a multiple of " + ALIGNMENT);
        }
        StorageFile.Opened opened = StorageFile.open(file);
        long size = opened.channel().size();
        if (size < readBytes) {
            opened.channel().close();
            throw new IllegalArgumentException(
                    file + " has " + size + " bytes, expected at least one read of " + readBytes);
        }
        return new StorageProbe(file, opened, readBytes, (size - readBytes) / ALIGNMENT + 1, memory);
    }

    /** Whether reads go past the page cache; without that, figures say what the cache gives. */
    public boolean direct() {
        return opened.direct();
    }

    /**
     * Reads random places for a while, other ones each time: what was read before may lie in a cache that cannot be seen from here.
     *
     * @param lanes reads outstanding at a time, at least 1
     * @param seconds how long, about
     * @return bytes per second of all lanes together
     * @throws IOException when a read fails
     */
    public double measure(int lanes, double seconds) throws IOException {
        long region = region(lanes);
        CyclicBarrier begin = new CyclicBarrier(lanes);
        try (ExecutorService threads = Executors.newFixedThreadPool(lanes)) {
            List<Future<Lane>> running = new ArrayList<>();
            for (int lane = 0; lane < lanes; lane++) {
                MemorySegment own = memory.asSlice(lane * region, region);
                running.add(threads.submit(() -> readFor((long) (seconds * 1e9), own, begin)));
            }
            double rate = 0;
            for (Future<Lane> lane : running) {
                rate += lane.get().bytes() / (lane.get().nanos() * 1e-9);
            }
            return rate;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while measuring " + file, e);
        }
    }

    /** How much of the memory each lane has, whole reads. */
    private long region(int lanes) {
        if (memory.byteSize() < (long) lanes * readBytes) {
            // As the memory that experts are read into: in huge pages where there are any, which can double the rate.
            // Touched,
            // so that there are pages behind it.
            memory = WeightMemory.pages(Math.max(MEMORY_BYTES, (long) lanes * readBytes))
                    .fill((byte) 1);
        }
        return memory.byteSize() / lanes / readBytes * readBytes;
    }

    /**
     * Reads random places for a while with nothing else at work, and for as long again beside a thread that reads memory.
     *
     * @param lanes reads outstanding at a time, at least 1
     * @param seconds how long each, about
     * @param computing what that thread reads; where that is less than {@link MemoryLoad#LEAST_BYTES} it costs storage nothing
     * @throws IOException when a read fails
     */
    public StorageRate measure(int lanes, double seconds, MemorySegment computing) throws IOException {
        double atRest = measure(lanes, seconds);
        if (computing.byteSize() < MemoryLoad.LEAST_BYTES) {
            return new StorageRate(atRest, atRest);
        }
        try (MemoryLoad _ = new MemoryLoad(computing)) {
            double beside = measure(lanes, seconds);
            // What storage was seen to do beside computing it can do at rest, whatever a shared machine did meanwhile.
            return new StorageRate(Math.max(atRest, beside), beside);
        }
    }

    /** What one lane read once all of them were reading. */
    private record Lane(long bytes, long nanos) {}

    private Lane readFor(long nanos, MemorySegment own, CyclicBarrier begin) throws IOException, InterruptedException {
        SplittableRandom random = new SplittableRandom();
        // The first read, through code that has not run yet, is not counted.
        try {
            read(own.asSlice(0, readBytes), random);
        } finally {
            meet(begin);
        }
        long start = System.nanoTime();
        long bytes = 0;
        do {
            read(own.asSlice(bytes % own.byteSize(), readBytes), random);
            bytes += readBytes;
        } while (System.nanoTime() - start < nanos);
        return new Lane(bytes, System.nanoTime() - start);
    }

    private static void meet(CyclicBarrier barrier) throws InterruptedException {
        try {
            barrier.await();
        } catch (BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }

    private void read(MemorySegment to, SplittableRandom random) throws IOException {
        long at = random.nextLong(places) * ALIGNMENT;
        for (ByteBuffer buffer = to.asByteBuffer(); buffer.hasRemaining(); ) {
            int count = opened.channel().read(buffer, at + buffer.position());
            if (count <= 0) {
                throw new IOException(file + " ended at byte " + (at + buffer.position()) + " while it was read");
            }
        }
    }

    @Override
    public void close() throws IOException {
        opened.channel().close();
    }
}
