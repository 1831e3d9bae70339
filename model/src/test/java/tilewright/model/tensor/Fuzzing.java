package tilewright.model.tensor;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;
import tilewright.model.InvalidInputException;

/**
 * What the fuzzers of all readers share: damage to valid bytes, and the contract that a reader must keep.
 *
 * <p>The number of tries is jqwik's default; {@code -Djqwik.tries.default=1000000} on Maven's command line makes a long
 * run, {@code -Dtest='*FuzzTest'} a run of the fuzzers only. jqwik prints the seed of each property.
 */
public final class Fuzzing {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int[] EDGES = {
        0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, '"', '{', '}', '[', ']', ',', ':', '-', '9', 'e'
    };

    private Fuzzing() {}

    /** Reads a path to the end. */
    public interface Reader {
        void read(Path path) throws IOException;
    }

    /** What to put into the folder before a try. */
    public interface Layout {
        /** Fills the empty folder and returns the path to be opened. */
        Path fill(Path folder) throws IOException;
    }

    /** Checks one file; see {@link #check(Layout, Reader, long)}. */
    public static boolean check(String name, byte[] content, Reader reader, long heapPerFileByte) {
        return check(folder -> Files.write(folder.resolve(name), content), reader, heapPerFileByte);
    }

    /**
     * Checks that the reader succeeds or throws {@link InvalidInputException} with one line that names a file, and
     * allocates at most 16 MiB plus {@code heapPerFileByte} bytes per byte on disk.
     *
     * @return whether it succeeded
     */
    public static boolean check(Layout layout, Reader reader, long heapPerFileByte) {
        Path folder = null;
        try {
            folder = emptyFolder();
            Path path = layout.fill(folder);
            long bytes = bytesUnder(folder);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            boolean success = readOrRefuse(path, folder, reader);
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (allocated > (16 << 20) + heapPerFileByte * bytes) {
                throw new AssertionError(allocated + " bytes allocated for files of " + bytes + " bytes");
            }
            return success;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(folder);
        }
    }

    /** In memory where Linux has a file system for that: thousands of small files take milliseconds each on a disk. */
    private static Path emptyFolder() throws IOException {
        Path memory = Path.of("/dev/shm");
        return Files.isWritable(memory) ? Files.createTempDirectory(memory, "fuzz") : Files.createTempDirectory("fuzz");
    }

    private static boolean readOrRefuse(Path path, Path folder, Reader reader) throws IOException {
        try {
            reader.read(path);
            return true;
        } catch (InvalidInputException e) {
            String message = e.getMessage();
            if (!message.startsWith(folder.toString())
                    || message.length() > 4096
                    || message.lines().count() != 1) {
                throw new AssertionError("not one line that begins with the file: " + message, e);
            }
            return false;
        }
    }

    private static long bytesUnder(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.mapToLong(
                            file -> Files.isRegularFile(file) ? file.toFile().length() : 0)
                    .sum();
        }
    }

    private static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Valid bytes with one to eight places changed, removed, doubled or cut off. */
    public static byte[] damaged(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        int changes = 1 + random.nextInt(1 + random.nextInt(8));
        for (int i = 0; i < changes && bytes.length > 0; i++) {
            int at = random.nextInt(bytes.length);
            int length = Math.min(bytes.length - at, 1 + random.nextInt(8));
            switch (random.nextInt(7)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1, 2 -> bytes[at] = (byte) EDGES[random.nextInt(EDGES.length)];
                case 3 -> bytes[at] = (byte) random.nextInt(256);
                case 4 ->
                    bytes = joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + length, bytes.length));
                case 5 ->
                    bytes = joined(Arrays.copyOf(bytes, at + length), Arrays.copyOfRange(bytes, at, bytes.length));
                default -> bytes = random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : bytes;
            }
        }
        return bytes;
    }

    /** Up to {@code limit} bytes of anything. */
    public static byte[] anything(Random random, int limit) {
        byte[] bytes = new byte[random.nextInt(limit + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** One of the choices. */
    @SafeVarargs
    public static <T> T oneOf(Random random, T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static byte[] joined(byte[] a, byte[] b) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(a.length + b.length);
        out.writeBytes(a);
        out.writeBytes(b);
        return out.toByteArray();
    }
}
