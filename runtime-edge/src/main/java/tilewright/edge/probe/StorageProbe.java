package tilewright.edge.probe;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import tilewright.edge.expert.StorageFile;

/** Measures how fast a file is read at random places, past the page cache where the file system allows it. */
public final class StorageProbe implements AutoCloseable {
    private static final int ALIGNMENT = 4096;

    private final Path file;
    private final StorageFile.Opened opened;
    private final int readBytes;
    private final long places;

    private StorageProbe(Path file, StorageFile.Opened opened, int readBytes, long places) {
        this.file = file;
        this.opened = opened;
        this.readBytes = readBytes;
        this.places = places;
    }

    /**
     * A probe of this file.
     *
     * @param readBytes bytes of one read, a positive multiple of 4096, at most as many as the file has
     * @throws IOException when the file cannot be read
     * @throws tilewright.model.InvalidInputException when it is not there
     * @throws IllegalArgumentException when it is shorter than one read
     */
    public static StorageProbe of(Path file, int readBytes) throws IOException {
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
        return new StorageProbe(file, opened, readBytes, (size - readBytes) / ALIGNMENT + 1);
    }

    /** Whether reads go past the page cache; without that, figures say what the cache gives. */
    public boolean direct() {
        return opened.direct();
    }

    /**
     * Reads random places for a while.
     *
     * @param lanes reads outstanding at a time, at least 1
     * @param seconds how long, about
     * @return bytes per second of all lanes together
     * @throws IOException when a read fails
     */
    public double measure(int lanes, double seconds) throws IOException {
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        try (ExecutorService threads = Executors.newFixedThreadPool(lanes)) {
            var running = IntStream.range(0, lanes)
                    .mapToObj(lane -> threads.submit((Callable<Long>) () -> readUntil(end, lane)))
                    .toList();
            long bytes = 0;
            for (Future<Long> lane : running) {
                bytes += lane.get();
            }
            return bytes / ((System.nanoTime() - start) * 1e-9);
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

    private long readUntil(long end, int lane) throws IOException {
        SplittableRandom random = new SplittableRandom(lane);
        long bytes = 0;
        FileChannel channel = opened.channel();
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer buffer = arena.allocate(readBytes, ALIGNMENT).asByteBuffer();
            do {
                long at = random.nextLong(places) * ALIGNMENT;
                for (buffer.clear(); buffer.hasRemaining(); ) {
                    int count = channel.read(buffer, at + buffer.position());
                    if (count <= 0) {
                        throw new IOException(
                                file + " ended at byte " + (at + buffer.position()) + " while it was read");
                    }
                    bytes += count;
                }
            } while (System.nanoTime() < end);
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        opened.channel().close();
    }
}
