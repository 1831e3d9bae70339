package tilewright.edge.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.zip.CRC32C;
import tilewright.model.InvalidInputException;
import tilewright.model.store.StoreManifest;
import tilewright.model.tensor.AtomicFolder;

/**
 * Writes a store, record by record in any order and by several threads, in a folder beside its place ({@code NAME.partial}) that is
 * moved there when all is complete.
 *
 * <p>Where an earlier writer of the same store was stopped, whenever and however, this one continues: records that it had finished
 * are checked and kept. The finished store has the same bytes then. Space that runs out ends in an {@link InvalidInputException};
 * what was finished is kept too.
 */
public final class ExpertStoreWriter implements AutoCloseable {
    private static final long BYTES_BETWEEN_SYNCS = 64L << 20;
    private static final int CHECK_BYTES = 1 << 20;

    private final StoreFiles files;
    private final StoreManifest manifest;
    private final List<RecordShape> shapes = new ArrayList<>();
    private final int[] firstOfLayer;
    private final long[] offsets;
    private final StoredRecord[] finished;
    private final Path partial;
    private final StoreJournal journal;
    private final FileChannel data;
    private int count;
    private long unsynced;

    /**
     * Begins a store, or continues one.
     *
     * @param manifest what the finished store says about itself; its folder is the store's place
     * @param shapes of every record, by layer and expert
     * @param restart whether to forget what lies in the unfinished folder when it is of another store
     * @param checked hears how many records of an earlier writer were checked so far
     * @throws InvalidInputException when the unfinished folder is of another store, is being written by another process, or
     *     cannot be written, or when the file system lacks the space
     */
    public static ExpertStoreWriter open(
            StoreManifest manifest, List<List<RecordShape>> shapes, boolean restart, IntConsumer checked) {
        return open(StoreFiles.REAL, manifest, shapes, restart, checked);
    }

    static ExpertStoreWriter open(
            StoreFiles files,
            StoreManifest manifest,
            List<List<RecordShape>> shapes,
            boolean restart,
            IntConsumer checked) {
        Path partial = partial(manifest.folder());
        StoreJournal journal = null;
        FileChannel data = null;
        boolean begun = Files.exists(partial);
        try {
            Files.createDirectories(partial);
            journal = StoreJournal.open(files, partial);
            StoreJournal.State state = journal.state(manifest.digest());
            if (state == StoreJournal.State.OTHER && !restart) {
                throw new InvalidInputException(partial + ": packing was begun with other options or another model ("
                        + journal.options() + "); give the same to continue, or --force to begin again");
            }
            if (state != StoreJournal.State.SAME) {
                Files.deleteIfExists(partial.resolve(StoreManifest.FILE));
                Files.deleteIfExists(partial.resolve(StoreManifest.RECORDS));
                journal.begin(manifest.digest(), text(manifest));
            }
            data = files.open(
                    partial.resolve(StoreManifest.RECORDS),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            ExpertStoreWriter writer = new ExpertStoreWriter(files, manifest, shapes, partial, journal, data);
            writer.resume(checked);
            writer.requireSpace();
            return writer;
        } catch (IOException e) {
            close(journal, data);
            discard(partial, begun);
            throw new InvalidInputException(
                    partial + ": cannot be written (" + InvalidInputException.reason(e)
                            + "); choose another folder with -o",
                    e);
        } catch (RuntimeException | Error e) {
            close(journal, data);
            discard(partial, begun);
            throw e;
        }
    }

    /** Leaves nothing of a store that could not even be begun. */
    private static void discard(Path partial, boolean begun) {
        if (!begun) {
            try {
                AtomicFolder.delete(partial);
            } catch (IOException e) {
                // The reason why it could not be begun is told; a later call goes on from what is there.
            }
        }
    }

    private ExpertStoreWriter(
            StoreFiles files,
            StoreManifest manifest,
            List<List<RecordShape>> shapes,
            Path partial,
            StoreJournal journal,
            FileChannel data) {
        this.files = files;
        this.manifest = manifest;
        this.partial = partial;
        this.journal = journal;
        this.data = data;
        this.firstOfLayer = new int[shapes.size()];
        for (int layer = 0; layer < shapes.size(); layer++) {
            firstOfLayer[layer] = this.shapes.size();
            this.shapes.addAll(shapes.get(layer));
        }
        this.offsets = new long[this.shapes.size() + 1];
        offsets[0] = RecordShape.ALIGNMENT;
        for (int i = 0; i < this.shapes.size(); i++) {
            offsets[i + 1] = offsets[i] + this.shapes.get(i).storedBytes();
        }
        this.finished = new StoredRecord[this.shapes.size()];
    }

    /** The folder in which a store is written until it is complete. */
    public static Path partial(Path folder) {
        Path target = folder.toAbsolutePath().normalize();
        Path name = target.getFileName();
        if (name == null) {
            throw new InvalidInputException(folder + ": cannot be the folder of a store; name one below it");
        }
        return target.resolveSibling(name + ".partial");
    }

    private static String text(StoreManifest manifest) {
        List<String> options = new ArrayList<>();
        manifest.options().forEach((option, value) -> options.add(option + " " + value));
        return manifest.source().name() + ", " + String.join(", ", options);
    }

    private void resume(IntConsumer checked) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(CHECK_BYTES);
        List<StoreJournal.Entry> entries = new ArrayList<>();
        journal.entries(entries::add);
        for (StoreJournal.Entry entry : entries) {
            int i = entry.record();
            if (i < 0 || i >= finished.length || finished[i] != null) {
                continue;
            }
            RecordShape shape = shapes.get(i);
            long base = shape.baseBytes();
            if (checksum(buffer, offsets[i], base) == entry.baseChecksum()
                    && checksum(buffer, offsets[i] + base, shape.bytes() - base) == entry.residualChecksum()) {
                finished[i] = new StoredRecord(
                        shape, offsets[i], entry.units(), entry.baseChecksum(), entry.residualChecksum());
                count++;
            }
            checked.accept(count);
        }
    }

    /** The checksum of bytes of the records' file; of fewer where it ends before. */
    private int checksum(ByteBuffer buffer, long from, long bytes) throws IOException {
        CRC32C checksum = new CRC32C();
        long left = bytes;
        while (left > 0) {
            buffer.clear().limit((int) Math.min(left, CHECK_BYTES));
            if (!StoreFiles.readFully(data, buffer, from + bytes - left)) {
                break;
            }
            checksum.update(buffer.flip());
            left -= buffer.limit();
        }
        return (int) checksum.getValue();
    }

    private void requireSpace() throws IOException {
        long missing = 0;
        for (int i = 0; i < finished.length; i++) {
            missing += finished[i] == null ? shapes.get(i).storedBytes() : 0;
        }
        long there = Files.getFileStore(partial).getUsableSpace();
        if (missing > there) {
            throw new InvalidInputException(String.format(
                    Locale.ROOT,
                    "%s: the experts still to be packed take %.1f MiB, but its file system has %.1f MiB left; free some, or"
                            + " choose another folder with -o",
                    partial,
                    missing / 0x1p20,
                    there / 0x1p20));
        }
    }

    /** Where other files of the store are to be written before it is published. */
    public Path folder() {
        return partial;
    }

    /** The number of records. */
    public int records() {
        return finished.length;
    }

    /** How many records are finished. */
    public synchronized int finished() {
        return count;
    }

    /** Whether a record is finished already. */
    public synchronized boolean isFinished(int layer, int expert) {
        return finished[firstOfLayer[layer] + expert] != null;
    }

    /** Bytes of the finished file of records. */
    public long storedBytes() {
        return offsets[offsets.length - 1];
    }

    /**
     * Writes a record; when this returns, it outlives the process.
     *
     * @param units what the scales of grouped codes are multiples of, of gate, up and down; 1 for stored formats
     * @param record {@link RecordShape#storedBytes()} bytes off the heap, the ranges where the shape says and zeros behind them
     * @throws InvalidInputException when it cannot be written, saying what is kept
     */
    public void write(int layer, int expert, float[] units, MemorySegment record) {
        int i = firstOfLayer[layer] + expert;
        RecordShape shape = shapes.get(i);
        ByteBuffer bytes = record.asSlice(0, shape.storedBytes()).asByteBuffer().asReadOnlyBuffer();
        int base = checksum(bytes.slice(0, (int) shape.baseBytes()));
        int residual = checksum(bytes.slice((int) shape.baseBytes(), (int) (shape.bytes() - shape.baseBytes())));
        StoreJournal.Entry entry = new StoreJournal.Entry(i, units.clone(), base, residual);
        try {
            StoreFiles.writeFully(data, bytes, offsets[i]);
            add(entry, new StoredRecord(shape, offsets[i], entry.units(), base, residual));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes);
        return (int) checksum.getValue();
    }

    private synchronized void add(StoreJournal.Entry entry, StoredRecord record) throws IOException {
        journal.add(entry);
        if (finished[entry.record()] == null) {
            count++;
        }
        finished[entry.record()] = record;
        unsynced += record.shape().storedBytes();
        if (unsynced >= BYTES_BETWEEN_SYNCS) {
            unsynced = 0;
            data.force(false);
            journal.force();
        }
    }

    private InvalidInputException failed(IOException e) {
        return new InvalidInputException(
                partial + ": cannot be written (" + InvalidInputException.reason(e) + ") after " + finished() + " of "
                        + finished.length
                        + " experts, which are kept; free some space or mend the disk, and give the same command again",
                e);
    }

    /**
     * Completes the store, whose other files are in {@link #folder()} by now, and moves it to its place.
     *
     * @param replace whether a store at that place may be replaced
     * @throws IllegalStateException when a record is missing
     * @throws InvalidInputException when the store cannot be completed, saying what is kept
     */
    public synchronized void publish(boolean replace) {
        if (count < finished.length) {
            throw new IllegalStateException("only " + count + " of " + finished.length + " records are finished");
        }
        try {
            StoreFiles.writeFully(data, StoreIndex.recordsHeader(manifest.digest(), storedBytes()), 0);
            data.truncate(storedBytes());
            data.force(true);
            data.close();
            files.write(
                    partial.resolve(StoreManifest.INDEX),
                    StoreIndex.write(manifest, storedBytes(), Arrays.asList(finished)));
            Path dense = partial.resolve(manifest.dense());
            new StoreManifest(
                            partial,
                            manifest.digest(),
                            manifest.source(),
                            manifest.dense(),
                            manifest.options(),
                            manifest.layers(),
                            manifest.absent(),
                            manifest.sensitivities(),
                            Files.exists(dense) ? DensePartCheck.of(dense) : null)
                    .write();
            move(replace);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Moves the folder and only then removes the journal, whose lock keeps others away; readers do not mind it. */
    private void move(boolean replace) throws IOException {
        StoreFiles.syncFolder(partial);
        Path target = manifest.folder().toAbsolutePath().normalize();
        if (replace && Files.exists(target)) {
            tidy(target);
            Files.move(target, replaced(target), StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        StoreFiles.syncFolder(target.getParent());
        tidy(target);
    }

    private static Path replaced(Path target) {
        return target.resolveSibling(target.getFileName() + ".replaced");
    }

    /**
     * Removes what a writer leaves that is killed in the moment after it has published a store: the journal, and the store that it
     * replaced.
     *
     * @throws IOException when they cannot be removed
     */
    public static void tidy(Path folder) throws IOException {
        Path target = folder.toAbsolutePath().normalize();
        Files.deleteIfExists(target.resolve(StoreJournal.FILE));
        if (StoreManifest.is(replaced(target))) {
            StoreFiles.delete(replaced(target));
        }
    }

    /** Ends writing; what is not published stays in the unfinished folder and can be continued. */
    @Override
    public void close() {
        close(journal, data);
    }

    private static void close(StoreJournal journal, FileChannel data) {
        try {
            if (data != null) {
                data.close();
            }
            if (journal != null) {
                journal.close();
            }
        } catch (IOException e) {
            // Nothing is lost: what matters was forced, and the rest is checked when writing continues.
        }
    }
}
