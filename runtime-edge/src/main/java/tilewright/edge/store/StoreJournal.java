package tilewright.edge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import tilewright.model.InvalidInputException;

/**
 * Which records of an unfinished store are complete: an entry is added after each record's bytes, and one that is cut short or
 * damaged ends the journal.
 *
 * <p>The lock on the file keeps a second process from writing the same store.
 */
final class StoreJournal implements AutoCloseable {
    /** The file's name. */
    static final String FILE = "packing.journal";

    private static final byte[] MAGIC = {'T', 'W', 'E', 'X', 'P', 'J', 'N', 'L'};
    private static final int DIGEST = 32;
    private static final int HEADER = 8 + DIGEST + 4;
    private static final int MOST_TEXT = 1 << 16;

    private final FileChannel channel;
    private final FileLock lock;
    private long end;

    private StoreJournal(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /** A record that is complete. */
    record Entry(int record, float[] units, int baseChecksum, int residualChecksum) {
        static final int BYTES = 4 + 12 + 8 + 4;
    }

    /** What kind of journal lies in a folder. */
    enum State {
        /** None, or one that was cut off before it said what it is for. */
        NONE,
        /** One for the same store. */
        SAME,
        /** One for another store. */
        OTHER
    }

    /** Opens a journal, or makes an empty file. */
    static StoreJournal open(StoreFiles files, Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        FileChannel channel =
                files.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileLock lock;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                lock = null;
            }
            if (lock == null) {
                throw new InvalidInputException(folder
                        + ": another process is packing into this folder; wait for it, or choose another with -o");
            }
            return new StoreJournal(channel, lock);
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    /** Reads the begin. */
    State state(String digest) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        if (!StoreFiles.readFully(channel, header, 0)) {
            return State.NONE;
        }
        byte[] bytes = header.array();
        int text = header.getInt(8 + DIGEST);
        if (!Arrays.equals(MAGIC, Arrays.copyOf(bytes, 8)) || text < 0 || text > MOST_TEXT) {
            return State.NONE;
        }
        ByteBuffer rest = ByteBuffer.allocate(text + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        if (!StoreFiles.readFully(channel, rest, HEADER)) {
            return State.NONE;
        }
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        checksum.update(rest.array(), 0, text);
        if ((int) checksum.getValue() != rest.getInt(text)) {
            return State.NONE;
        }
        options = new String(rest.array(), 0, text, StandardCharsets.UTF_8);
        end = HEADER + text + Integer.BYTES;
        String found = HexFormat.of().formatHex(bytes, 8, 8 + DIGEST);
        return found.equals(digest) ? State.SAME : State.OTHER;
    }

    private String options = "";

    /** With which options the store was begun, once {@link #state} has found that out. */
    String options() {
        return options;
    }

    /** Forgets everything and begins for a store. */
    void begin(String digest, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer header =
                ByteBuffer.allocate(HEADER + utf8.length + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.put(MAGIC)
                .put(HexFormat.of().parseHex(digest))
                .putInt(utf8.length)
                .put(utf8);
        CRC32C checksum = new CRC32C();
        checksum.update(header.array(), 0, header.position());
        header.putInt((int) checksum.getValue()).flip();
        channel.truncate(0);
        StoreFiles.writeFully(channel, header, 0);
        channel.force(true);
        end = header.limit();
    }

    /** Reads the entries that are whole; what is behind them will be written over. */
    void entries(Consumer<Entry> each) throws IOException {
        ByteBuffer entry = ByteBuffer.allocate(Entry.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (StoreFiles.readFully(channel, entry.clear(), end)) {
            CRC32C checksum = new CRC32C();
            checksum.update(entry.array(), 0, Entry.BYTES - Integer.BYTES);
            entry.flip();
            Entry read = new Entry(
                    entry.getInt(),
                    new float[] {entry.getFloat(), entry.getFloat(), entry.getFloat()},
                    entry.getInt(),
                    entry.getInt());
            if ((int) checksum.getValue() != entry.getInt()) {
                break;
            }
            end += Entry.BYTES;
            each.accept(read);
        }
        channel.truncate(end);
    }

    /** Adds an entry behind the others. */
    void add(Entry entry) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Entry.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(entry.record());
        for (float unit : entry.units()) {
            bytes.putFloat(unit);
        }
        bytes.putInt(entry.baseChecksum()).putInt(entry.residualChecksum());
        CRC32C checksum = new CRC32C();
        checksum.update(bytes.array(), 0, bytes.position());
        bytes.putInt((int) checksum.getValue()).flip();
        StoreFiles.writeFully(channel, bytes, end);
        end += Entry.BYTES;
    }

    /** Makes the entries last. */
    void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        try {
            if (lock.isValid()) {
                lock.release();
            }
        } finally {
            channel.close();
        }
    }
}
