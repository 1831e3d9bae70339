package tilewright.edge.probe;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Measures how fast a file is read at random places, past the page cache where the file system allows it. */
public final class StorageProbe {
    private static final int ALIGNMENT = DirectFiles.ALIGNMENT;

    private final Path file;
    private final int readBytes;
    private final long places;
    private final boolean direct;

    private StorageProbe(Path file, int readBytes, long places, boolean direct) {
        this.file = file;
        this.readBytes = readBytes;
        this.places = places;
        this.direct = direct;
    }

    /**
     * A probe of this file.
     *
     * @param readBytes bytes of one read, a positive multiple of 4096, at most as many as the file has
     * @throws IOException when the file cannot be read
     * @throws IllegalArgumentException when it is shorter than one read
     */
    public static StorageProbe of(Path file, int readBytes) throws IOException {
        if (readBytes <= 0 || readBytes % ALIGNMENT != 0) {
            throw new IllegalArgumentException("reads of " + readBytes + " bytes, expected a multiple of " + ALIGNMENT);
        }
        try (FileChannel plain = FileChannel.open(file, StandardOpenOption.READ)) {
            long places = (plain.size() - readBytes) / ALIGNMENT + 1;
            if (plain.size() < readBytes) {
                throw new IllegalArgumentException(
                        file + " has " + plain.size() + " bytes, expected at least one read of " + readBytes);
            }
            Optional<FileChannel> channel = DirectFiles.open(file);
            if (channel.isPresent()) {
                channel.get().close();
            }
            return new StorageProbe(file, readBytes, places, channel.isPresent());
        }
    }

    private static FileChannel open(Path file) throws IOException {
        Optional<FileChannel> direct = DirectFiles.open(file);
        return direct.isPresent() ? direct.get() : FileChannel.open(file, StandardOpenOption.READ);
    }

    /** Whether reads go past the page cache; without that, figures say what the cache gives. */
    public boolean direct() {
        return direct;
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
        try (FileChannel channel = open(file);
                Arena arena = Arena.ofConfined()) {
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
}
