package tilewright.edge.store;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import tilewright.edge.expert.ExpertRecords;
import tilewright.edge.expert.StorageFile;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.store.LayerSensitivity;
import tilewright.model.store.StoreManifest;

/**
 * A store that {@link ExpertStoreWriter} wrote: experts as panels ready to multiply with, used where they were read.
 *
 * <p>An expert has two levels where any of its matrices has a residual range. The bytes of level 1 follow those of level 0 in the
 * file and in the slot, so that an upgrade reads only what is new.
 */
public final class ExpertStore implements ExpertRecords {
    /** Opens the records' file; tests open one that fails. */
    @FunctionalInterface
    interface Opener {
        FileChannel open(Path file) throws IOException;
    }

    private final StoreManifest manifest;
    private final List<List<StoredRecord>> records;
    private final Path file;
    private final FileChannel channel;
    private final long fileBytes;
    private final FileTime modified;

    private ExpertStore(StoreManifest manifest, StoreIndex.Contents index, Path file, FileChannel channel)
            throws IOException {
        this.manifest = manifest;
        this.records = index.layers();
        this.fileBytes = index.fileBytes();
        this.file = file;
        this.channel = channel;
        this.modified = Files.getLastModifiedTime(file);
    }

    /**
     * Opens a store and checks its manifest and index; records are checked when they are read.
     *
     * <p>Reads go past the system's cache of files where the file system allows it.
     *
     * @param folder the store's folder
     * @throws InvalidInputException when a file is missing, damaged, of another version or of another store
     */
    public static ExpertStore open(Path folder) {
        return open(folder, ExpertStore::direct);
    }

    static ExpertStore open(Path folder, Opener opener) {
        StoreManifest manifest = StoreManifest.read(folder);
        StoreIndex.Contents index = StoreIndex.read(manifest);
        Path file = folder.resolve(StoreManifest.RECORDS);
        FileChannel channel = null;
        try {
            requireHeader(file, manifest, index.fileBytes());
            channel = opener.open(file);
            return new ExpertStore(manifest, index, file, channel);
        } catch (IOException e) {
            close(channel);
            throw new InvalidInputException(
                    file + ": cannot be read (" + InvalidInputException.reason(e)
                            + "); copy all of the store's files, or pack the model again",
                    e);
        } catch (RuntimeException | Error e) {
            close(channel);
            throw e;
        }
    }

    private static void requireHeader(Path file, StoreManifest manifest, long fileBytes) throws IOException {
        try (FileChannel plain = FileChannel.open(file, StandardOpenOption.READ)) {
            if (plain.size() != fileBytes) {
                throw new InvalidInputException(file + ": has " + plain.size() + " bytes, but " + StoreManifest.INDEX
                        + " says " + fileBytes + "; the copy is not complete, copy it or pack the model again");
            }
            ByteBuffer expected = StoreIndex.recordsHeader(manifest.digest(), fileBytes);
            ByteBuffer found = ByteBuffer.allocate(expected.remaining());
            while (found.hasRemaining() && plain.read(found, found.position()) >= 0) {
                // Reads until there is no more.
            }
            if (!found.flip().equals(expected)) {
                throw new InvalidInputException(
                        file + ": belongs to another store than " + StoreManifest.FILE + ", whose digest is "
                                + manifest.digest() + "; copy both from one store, or pack the model again");
            }
        }
    }

    private static FileChannel direct(Path file) {
        return StorageFile.open(file).channel();
    }

    private static void close(FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // It was only read, and another failure is on its way.
            }
        }
    }

    @Override
    public List<Path> files() {
        return List.of(file);
    }

    /** What the store says about itself. */
    public StoreManifest manifest() {
        return manifest;
    }

    /** Bytes of all records on disk, with what fills them up to whole pages. */
    public long storedBytes() {
        return fileBytes;
    }

    /** Bytes on disk of what describes so many records: their index, and the first page of their file. */
    public static long headerBytes(int records) {
        return RecordShape.ALIGNMENT + StoreIndex.bytes(records);
    }

    /** What lies where in an expert's record. */
    public RecordShape shape(int layer, int expert) {
        return at(layer, expert).shape();
    }

    /** Bytes of one matrix of all experts of a layer by form, the name as of {@link MatrixForm#label()}. */
    public Map<String, Long> bytesByForm(int layer, ExpertMatrix matrix) {
        Map<String, Long> bytes = new TreeMap<>();
        for (StoredRecord record : records.get(Objects.checkIndex(layer, records.size()))) {
            RecordShape shape = record.shape();
            if (shape.form(matrix) != null) {
                bytes.merge(
                        shape.form(matrix).label(), shape.baseBytes(matrix) + shape.residualBytes(matrix), Long::sum);
            }
        }
        return bytes;
    }

    private StoredRecord at(int layer, int expert) {
        List<StoredRecord> experts = records.get(Objects.checkIndex(layer, records.size()));
        return experts.get(Objects.checkIndex(expert, experts.size()));
    }

    @Override
    public int layers() {
        return records.size();
    }

    @Override
    public int experts(int layer) {
        return records.get(layer).size();
    }

    @Override
    public int levels(int layer, int expert) {
        RecordShape shape = shape(layer, expert);
        return shape.bytes() > shape.baseBytes() ? 2 : 1;
    }

    @Override
    public List<Extent> extents(int layer, int expert, int have, int level) {
        StoredRecord record = at(layer, expert);
        long from = end(record.shape(), have);
        long to = end(record.shape(), level);
        if (from >= to) {
            return List.of();
        }
        return List.of(new Extent(channel, record.offset() + from, (int) (to - from), (int) from));
    }

    /** Where what is read for a level ends in the record: at a page, so that an upgrade begins behind it. */
    private static long end(RecordShape shape, int level) {
        return switch (level) {
            case -1 -> 0;
            case 0 -> RecordShape.padded(shape.baseBytes());
            default -> shape.storedBytes();
        };
    }

    @Override
    public long slotBytes(int layer, int expert) {
        return shape(layer, expert).storedBytes();
    }

    @Override
    public long packedBytes(int layer, int expert) {
        return 0;
    }

    @Override
    public ExpertWeights.Expert open(int layer, int expert, int level, MemorySegment slot, MemorySegment packed) {
        return arrival(layer, expert, level, slot, packed).open();
    }

    @Override
    public Arrival arrival(int layer, int expert, int level, MemorySegment slot, MemorySegment packed) {
        StoredRecord record = at(layer, expert);
        RecordShape shape = record.shape();
        boolean whole = level + 1 >= levels(layer, expert);
        PieceChecksums checksums = new PieceChecksums(slot);
        return new Arrival() {
            @Override
            public void arrived(long from, long bytes) {
                long base = Math.clamp(shape.baseBytes(), from, from + bytes);
                long end = Math.clamp(whole ? shape.bytes() : base, base, from + bytes);
                checksums.add(from, base - from);
                checksums.add(base, end - base);
            }

            @Override
            public ExpertWeights.Expert open() {
                long base = shape.baseBytes();
                check(layer, expert, "base", 0, base, checksums, record.baseChecksum());
                if (whole && shape.bytes() > base) {
                    check(layer, expert, "residual", base, shape.bytes(), checksums, record.residualChecksum());
                }
                return new ExpertWeights.Expert(
                        matrix(layer, expert, ExpertMatrix.GATE, record, whole, slot),
                        matrix(layer, expert, ExpertMatrix.UP, record, whole, slot),
                        matrix(layer, expert, ExpertMatrix.DOWN, record, whole, slot));
            }
        };
    }

    private static MatrixWeights matrix(
            int layer, int expert, ExpertMatrix matrix, StoredRecord record, boolean whole, MemorySegment slot) {
        RecordShape shape = record.shape();
        MatrixForm form = shape.form(matrix);
        if (form == null) {
            return null;
        }
        String name = "experts" + layer + "." + expert + "." + matrix.label();
        MemorySegment base = slot.asSlice(shape.baseAt(matrix), shape.baseBytes(matrix));
        if (form.stored() != null) {
            return MatrixWeights.packed(name, form.stored(), shape.rows(matrix), shape.width(matrix), base);
        }
        MemorySegment residual = whole && shape.residualBytes(matrix) > 0
                ? slot.asSlice(shape.residualAt(matrix), shape.residualBytes(matrix))
                : null;
        float unit = record.units()[matrix.ordinal()];
        return MatrixWeights.packed(name, form.bits(), shape.rows(matrix), shape.width(matrix), unit, base, residual);
    }

    private void check(int layer, int expert, String part, long from, long to, PieceChecksums checksums, int expected) {
        int found = checksums.between(from, to);
        if (found == expected) {
            return;
        }
        long offset = at(layer, expert).offset();
        throw new InvalidInputException(file + ": layer " + layer + ", expert " + expert + ", " + part + " part (bytes "
                + (offset + from) + " to " + (offset + to) + ")"
                + String.format(" has the checksum %08x, expected %08x", found, expected)
                + (isChanged()
                        ? "; the file was changed while it was open, begin again"
                        : "; the file is damaged, copy it or pack the model again"));
    }

    private boolean isChanged() {
        try {
            return Files.size(file) != fileBytes
                    || !Files.getLastModifiedTime(file).equals(modified);
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public List<LayerSensitivity> sensitivities() {
        return manifest.sensitivities();
    }

    @Override
    public String digest() {
        return manifest.digest();
    }

    @Override
    public void close() {
        close(channel);
    }
}
