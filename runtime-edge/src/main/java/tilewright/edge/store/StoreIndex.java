package tilewright.edge.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.store.StoreManifest;

/**
 * {@code experts.index}: what lies where in {@code experts.bin}.
 *
 * <p>Little-endian: a header of 64 bytes (magic, version, layers, records, 0, bytes of the records' file, digest), a {@link
 * StoredRecord} of 40 bytes for each expert in the order of layers and experts (offset, bytes of base and residual ranges, their
 * checksums, forms of gate, up and down and a zero, their units), and the CRC32C of all that.
 */
final class StoreIndex {
    /** What the records' file begins with. */
    static final byte[] RECORDS_MAGIC = {'T', 'W', 'E', 'X', 'P', 'E', 'R', 'T'};

    private static final byte[] MAGIC = {'T', 'W', 'E', 'X', 'P', 'I', 'D', 'X'};
    private static final int HEADER = 64;
    private static final int DIGEST = 32;
    private static final int WORDS = StoredRecord.BYTES / Long.BYTES;
    private static final long MOST_BYTES = 1L << 30;
    private static final String AGAIN = "; the store is damaged, pack the model again";

    private StoreIndex() {}

    /** The first 4096 bytes of the records' file. */
    static ByteBuffer recordsHeader(String digest, long fileBytes) {
        ByteBuffer header = ByteBuffer.allocate(RecordShape.ALIGNMENT).order(ByteOrder.LITTLE_ENDIAN);
        header.put(RECORDS_MAGIC).putInt(StoreManifest.VERSION).putInt(0).putLong(fileBytes);
        header.put(HexFormat.of().parseHex(digest));
        return header.rewind();
    }

    /** How many bytes the index of so many records has. */
    static long bytes(int records) {
        return HEADER + (long) records * StoredRecord.BYTES + Integer.BYTES;
    }

    /** The index's bytes. */
    static ByteBuffer write(StoreManifest manifest, long fileBytes, List<StoredRecord> records) {
        ByteBuffer out =
                ByteBuffer.allocate(Math.toIntExact(bytes(records.size()))).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC)
                .putInt(StoreManifest.VERSION)
                .putInt(manifest.layers().size())
                .putInt(records.size())
                .putInt(0)
                .putLong(fileBytes)
                .put(HexFormat.of().parseHex(manifest.digest()));
        for (StoredRecord record : records) {
            put(out, record);
        }
        CRC32C checksum = new CRC32C();
        checksum.update(out.array(), 0, out.position());
        return out.putInt((int) checksum.getValue()).rewind();
    }

    /** Writes one record's description. */
    static void put(ByteBuffer out, StoredRecord record) {
        RecordShape shape = record.shape();
        out.putLong(record.offset())
                .putInt((int) shape.baseBytes())
                .putInt((int) (shape.bytes() - shape.baseBytes()))
                .putInt(record.baseChecksum())
                .putInt(record.residualChecksum());
        for (ExpertMatrix matrix : ExpertMatrix.values()) {
            out.put((byte) (shape.form(matrix) == null ? 0 : shape.form(matrix).number()));
        }
        out.put((byte) 0);
        for (float unit : record.units()) {
            out.putFloat(unit);
        }
    }

    /** What an index holds. */
    record Contents(long fileBytes, List<List<StoredRecord>> layers) {}

    /**
     * Reads and checks an index.
     *
     * @throws InvalidInputException when it is missing or damaged, belongs to another manifest, or says what cannot be
     */
    static Contents read(StoreManifest manifest) {
        Path file = manifest.folder().resolve(StoreManifest.INDEX);
        ByteBuffer in;
        try {
            long bytes = Files.size(file);
            if (bytes > MOST_BYTES) {
                throw new InvalidInputException(
                        file + ": has " + bytes + " bytes, expected at most " + MOST_BYTES + AGAIN);
            }
            in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new InvalidInputException(
                    file + ": cannot be read (" + InvalidInputException.reason(e)
                            + "); copy all of the store's files, or pack the model again",
                    e);
        }
        return new Reader(file, manifest, in).read();
    }

    /** What follows from the forms of an expert, found once for successive layers of one shape. */
    private record Sizes(RecordShape shape, long base, long all, long stored) {}

    private record Reader(Path file, StoreManifest manifest, ByteBuffer in) {
        Contents read() {
            byte[] magic = new byte[MAGIC.length];
            if (in.remaining() < HEADER + Integer.BYTES) {
                throw wrong("has " + in.remaining() + " bytes, expected at least " + (HEADER + Integer.BYTES));
            }
            in.get(magic);
            if (!Arrays.equals(magic, MAGIC)) {
                throw wrong("does not begin with TWEXPIDX and is no index of experts");
            }
            int version = in.getInt();
            if (version != StoreManifest.VERSION) {
                throw new InvalidInputException(file + ": version is " + version + ", expected " + StoreManifest.VERSION
                        + "; pack the model again, or use the release that packed it");
            }
            // Plain loops: the JVM's first stream or lambda takes as long as reading the index.
            long experts = 0;
            for (StoreManifest.Layer layer : manifest.layers()) {
                experts += layer.experts();
            }
            long expected = HEADER + Integer.BYTES + experts * StoredRecord.BYTES;
            int layers = in.getInt();
            int records = in.getInt();
            in.getInt();
            if (layers != manifest.layers().size() || records != experts) {
                throw wrong("has " + records + " records in " + layers + " layers, but " + StoreManifest.FILE + " says "
                        + experts + " in " + manifest.layers().size());
            }
            if (in.limit() != expected) {
                throw wrong("has " + in.limit() + " bytes, expected " + expected + " for " + records + " records");
            }
            long fileBytes = in.getLong();
            byte[] digest = new byte[DIGEST];
            in.get(digest);
            if (!HexFormat.of().formatHex(digest).equals(manifest.digest())) {
                throw wrong("belongs to another store than " + StoreManifest.FILE + ", whose digest is "
                        + manifest.digest());
            }
            CRC32C checksum = new CRC32C();
            checksum.update(in.array(), 0, in.limit() - Integer.BYTES);
            int said = in.getInt(in.limit() - Integer.BYTES);
            if ((int) checksum.getValue() != said) {
                throw wrong(String.format("has the checksum %08x, expected %08x", (int) checksum.getValue(), said));
            }
            // All at once: thousands of single reads of a buffer take long in a JVM that has just begun.
            long[] words = new long[Math.multiplyExact(records, WORDS)];
            in.slice(HEADER, records * StoredRecord.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asLongBuffer()
                    .get(words);
            List<List<StoredRecord>> all = new ArrayList<>();
            Map<Integer, Sizes> known = new HashMap<>();
            long end = RecordShape.ALIGNMENT;
            int at = 0;
            for (int layer = 0; layer < layers; layer++) {
                StoreManifest.Layer shape = manifest.layers().get(layer);
                List<StoredRecord> here = new ArrayList<>(shape.experts());
                if (layer > 0 && !alike(shape, manifest.layers().get(layer - 1))) {
                    known.clear();
                }
                for (int expert = 0; expert < shape.experts(); expert++, at += WORDS) {
                    int forms = (int) words[at + 3];
                    Sizes sizes = known.get(forms);
                    if (sizes == null) {
                        sizes = sizes(layer, expert, forms);
                        known.put(forms, sizes);
                    }
                    StoredRecord record = record(layer, expert, words, at, sizes, end, fileBytes);
                    here.add(record);
                    end = record.offset() + sizes.stored();
                }
                all.add(Collections.unmodifiableList(here));
            }
            return new Contents(fileBytes, Collections.unmodifiableList(all));
        }

        /** Whether the experts of two layers have the same shape. */
        private static boolean alike(StoreManifest.Layer one, StoreManifest.Layer other) {
            return one.gated() == other.gated()
                    && one.width() == other.width()
                    && one.hidden() == other.hidden()
                    && one.outputs() == other.outputs();
        }

        private StoredRecord record(
                int layer, int expert, long[] words, int at, Sizes sizes, long end, long fileBytes) {
            long offset = words[at];
            long base = words[at + 1] & 0xFFFFFFFFL;
            long residual = words[at + 1] >>> Integer.SIZE;
            int baseChecksum = (int) words[at + 2];
            int residualChecksum = (int) (words[at + 2] >>> Integer.SIZE);
            float[] units = {
                Float.intBitsToFloat((int) (words[at + 3] >>> Integer.SIZE)),
                Float.intBitsToFloat((int) words[at + 4]),
                Float.intBitsToFloat((int) (words[at + 4] >>> Integer.SIZE))
            };
            for (float unit : units) {
                if (!(unit > 0) || Float.isInfinite(unit)) {
                    throw wrong(
                            place(layer, expert) + " has the unit " + unit + ", expected a positive, finite number");
                }
            }
            if (base != sizes.base() || residual != sizes.all() - sizes.base()) {
                throw wrong(place(layer, expert) + " has " + base + " and " + residual
                        + " bytes, but its matrices take " + sizes.base() + " and " + (sizes.all() - sizes.base()));
            }
            if (offset % RecordShape.ALIGNMENT != 0) {
                throw wrong(place(layer, expert) + " begins at byte " + offset + ", expected a multiple of "
                        + RecordShape.ALIGNMENT);
            }
            if (offset < end) {
                throw wrong(place(layer, expert) + " begins at byte " + offset + ", before byte " + end
                        + ", where what is before it ends");
            }
            if (offset > fileBytes - sizes.stored()) {
                throw wrong(place(layer, expert) + " begins at byte " + offset + " and takes " + sizes.stored()
                        + " bytes, but the file has " + fileBytes);
            }
            return new StoredRecord(sizes.shape(), offset, units, baseChecksum, residualChecksum);
        }

        private Sizes sizes(int layer, int expert, int numbers) {
            List<MatrixForm> forms = new ArrayList<>();
            for (ExpertMatrix matrix : ExpertMatrix.values()) {
                int number = numbers >>> 8 * matrix.ordinal() & 0xFF;
                MatrixForm form = MatrixForm.of(number);
                if (form == null && number != 0) {
                    throw wrong(place(layer, expert) + " has " + matrix.label() + " in the unknown form " + number);
                }
                forms.add(form);
            }
            try {
                RecordShape shape = new RecordShape(manifest.layers().get(layer), forms);
                return new Sizes(shape, shape.baseBytes(), shape.bytes(), shape.storedBytes());
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw wrong(place(layer, expert) + ": " + e.getMessage());
            }
        }

        private static String place(int layer, int expert) {
            return "layer " + layer + ", expert " + expert;
        }

        private InvalidInputException wrong(String problem) {
            return new InvalidInputException(file + ": " + problem + AGAIN);
        }
    }
}
