package tilewright.edge.expert;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/** Files of a process that dies at its n-th operation on them: that one is done in part or not at all, and none after it. */
final class DyingFiles implements HeatFiles {
    private final Random random;
    private int left;
    /** Files with bytes that a power cut may take. */
    private final Set<Path> unforced = new HashSet<>();

    private Path written;
    private Path renamed;
    private byte[] before;

    /**
     * Files of a process that lives for a while.
     *
     * @param operations that are still done whole
     */
    DyingFiles(int operations, Random random) {
        this.left = operations;
        this.random = random;
    }

    /** Whether the process is dead. */
    boolean dead() {
        return left < 0;
    }

    /** Counts an operation; says whether it is the last one. */
    private boolean dies() throws IOException {
        if (left < 0) {
            throw new IOException("killed");
        }
        return --left < 0;
    }

    private static IOException killed() {
        return new IOException("killed");
    }

    @Override
    public FileChannel create(Path file) throws IOException {
        boolean last = dies();
        FileChannel channel = HeatFiles.REAL.create(file);
        written = file;
        unforced.add(file);
        if (last) {
            channel.close();
            throw killed();
        }
        return channel;
    }

    @Override
    public void write(FileChannel file, ByteBuffer bytes) throws IOException {
        boolean last = dies();
        unforced.add(written);
        // A system may take fewer bytes than it is given at any time.
        int taken = last || random.nextBoolean() ? random.nextInt(bytes.remaining() + 1) : bytes.remaining();
        file.write(bytes.slice(bytes.position(), taken));
        bytes.position(bytes.position() + taken);
        if (last) {
            throw killed();
        }
    }

    @Override
    public void force(FileChannel file) throws IOException {
        if (dies()) {
            throw killed();
        }
        unforced.remove(written);
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        boolean last = dies();
        if (!last || random.nextBoolean()) {
            before = Files.exists(to) ? Files.readAllBytes(to) : null;
            HeatFiles.REAL.move(from, to);
            renamed = to;
            if (unforced.remove(from)) {
                unforced.add(to);
            }
        }
        if (last) {
            throw killed();
        }
    }

    @Override
    public void sync(Path folder) throws IOException {
        if (dies()) {
            throw killed();
        }
        renamed = null;
    }

    @Override
    public void delete(Path file) throws IOException {
        if (dies()) {
            throw killed();
        }
        HeatFiles.REAL.delete(file);
    }

    /** Takes what a power cut may take: names that were not made to last, and bytes that were not forced to the disk. */
    void cutPower() throws IOException {
        for (Path file : unforced) {
            if (Files.exists(file)) {
                byte[] bytes = Files.readAllBytes(file);
                int kept = random.nextInt(bytes.length + 1);
                // What was not written has the right length and zeros, or is not there.
                byte[] found = Arrays.copyOf(bytes, kept);
                Files.write(file, random.nextBoolean() ? Arrays.copyOf(found, bytes.length) : found);
            }
        }
        if (renamed != null && random.nextBoolean()) {
            if (before == null) {
                Files.deleteIfExists(renamed);
            } else {
                Files.write(renamed, before);
            }
        }
    }
}
