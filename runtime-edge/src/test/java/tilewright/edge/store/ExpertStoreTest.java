package tilewright.edge.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.edge.expert.ExpertRecords;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.store.StoreManifest;

class ExpertStoreTest {
    @TempDir
    private Path temporary;

    private SmallStore written(long seed) {
        SmallStore store = new SmallStore(temporary.resolve("store" + seed), seed, false);
        store.write(StoreFiles.REAL, new Random(seed));
        return store;
    }

    private static void read(ExpertStore store, int layer, int expert, int have, int level, MemorySegment slot)
            throws IOException {
        for (ExpertRecords.Extent extent : store.extents(layer, expert, have, level)) {
            assertEquals(0, extent.offset() % 4096);
            assertEquals(0, extent.bytes() % 4096);
            assertEquals(0, extent.at() % 4096);
            ByteBuffer to = slot.asSlice(extent.at(), extent.bytes()).asByteBuffer();
            assertTrue(StoreFiles.readFully(extent.channel(), to, extent.offset()));
        }
    }

    private static void compare(SmallStore expected, int layer, int expert, int level, ExpertWeights.Expert found) {
        for (ExpertMatrix matrix : ExpertMatrix.values()) {
            MatrixWeights weights = switch (matrix) {
                case GATE -> found.gate();
                case UP -> found.up();
                case DOWN -> found.down();
            };
            float[] values = expected.values.get(SmallStore.key(layer, expert, matrix, level));
            if (values == null) {
                assertNull(weights);
                continue;
            }
            float[] decoded = new float[values.length];
            for (int row = 0; row < weights.rows(); row++) {
                weights.row(row, decoded, row * weights.width());
            }
            assertArrayEquals(values, decoded, "layer " + layer + ", expert " + expert + ", " + matrix);
        }
    }

    @Test
    void expertsOfAllFormsComeBackBitForBitAtEveryLevel() throws IOException {
        for (long seed = 1; seed <= 6; seed++) {
            SmallStore expected = written(seed);
            try (ExpertStore store = ExpertStore.open(expected.manifest.folder())) {
                for (int layer = 0; layer < store.layers(); layer++) {
                    for (int expert = 0; expert < store.experts(layer); expert++) {
                        MemorySegment slot = Arena.ofAuto().allocate(store.slotBytes(layer, expert), 4096);
                        int last = store.levels(layer, expert) - 1;
                        read(store, layer, expert, -1, 0, slot);
                        compare(expected, layer, expert, last == 0 ? 1 : 0, store.open(layer, expert, 0, slot, null));
                        read(store, layer, expert, 0, last, slot);
                        compare(expected, layer, expert, 1, store.open(layer, expert, last, slot, null));
                        MemorySegment whole = Arena.ofAuto().allocate(store.slotBytes(layer, expert), 4096);
                        read(store, layer, expert, -1, last, whole);
                        assertEquals(-1, slot.mismatch(whole));
                    }
                }
            }
        }
    }

    @Test
    void residentExpertsAreThoseThatWereWritten() {
        SmallStore expected = written(3);
        try (ExpertStore store = ExpertStore.open(expected.manifest.folder())) {
            ResidentRecords resident = new ResidentRecords(store, "store");
            for (int layer = 0; layer < store.layers(); layer++) {
                ExpertWeights experts = resident.layer(layer, null);
                for (int expert = 0; expert < experts.experts(); expert++) {
                    compare(expected, layer, expert, 1, experts.acquire(expert));
                }
            }
        }
    }

    @Test
    void anUpgradeReadsOnlyWhatLevelZeroHasNotRead() {
        SmallStore expected = new SmallStore(temporary.resolve("same"), 9, true);
        expected.write(StoreFiles.REAL, new Random(1));
        try (ExpertStore store = ExpertStore.open(expected.manifest.folder())) {
            RecordShape shape = store.shape(0, 2);
            ExpertRecords.Extent first = store.extents(0, 2, -1, 0).getFirst();
            ExpertRecords.Extent second = store.extents(0, 2, 0, 1).getFirst();
            assertEquals(RecordShape.padded(shape.baseBytes()), first.bytes());
            assertEquals(first.bytes(), second.at());
            assertEquals(shape.storedBytes(), (long) first.bytes() + second.bytes());
            assertEquals(List.of(), store.extents(0, 2, 1, 1));
        }
    }

    private interface Damage {
        void apply(Path file) throws IOException;
    }

    private static void overwrite(Path file, long at, int... bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
        for (int each : bytes) {
            buffer.put((byte) each);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(buffer.flip(), at);
        }
    }

    private String refusal(Runnable work) {
        return assertThrows(InvalidInputException.class, work::run).getMessage().replace(temporary.toString(), "DIR");
    }

    @Test
    void aRecordThatWasDamagedIsRefusedByItsChecksum() throws IOException {
        SmallStore expected = new SmallStore(temporary.resolve("s"), 4, true);
        expected.write(StoreFiles.REAL, new Random(1));
        try (ExpertStore store = ExpertStore.open(expected.manifest.folder())) {
            RecordShape shape = store.shape(0, 1);
            MemorySegment slot = Arena.ofAuto().allocate(store.slotBytes(0, 1), 4096);
            read(store, 0, 1, -1, 1, slot);
            slot.set(ValueLayout.JAVA_BYTE, 100, (byte) ~slot.get(ValueLayout.JAVA_BYTE, 100));
            String message = refusal(() -> store.open(0, 1, 1, slot, null));
            assertTrue(
                    message.matches(
                            "DIR/s/experts.bin: layer 0, expert 1, base part \\(bytes \\d+ to \\d+\\) has the checksum"
                                    + " [0-9a-f]{8}, expected [0-9a-f]{8}; the file is damaged, copy it or pack the model again"),
                    message);
            read(store, 0, 1, -1, 1, slot);
            long residual = shape.baseBytes() + 5;
            slot.set(ValueLayout.JAVA_BYTE, residual, (byte) ~slot.get(ValueLayout.JAVA_BYTE, residual));
            assertTrue(refusal(() -> store.open(0, 1, 1, slot, null)).contains("expert 1, residual part (bytes "));
            store.open(0, 1, 0, slot, null);
        }
    }

    @Test
    void aFileReplacedWhileOpenIsReadAsItWasOrRefused() throws IOException {
        SmallStore expected = new SmallStore(temporary.resolve("s"), 4, true);
        expected.write(StoreFiles.REAL, new Random(1));
        Path file = temporary.resolve("s").resolve(StoreManifest.RECORDS);
        try (ExpertStore store = ExpertStore.open(expected.manifest.folder())) {
            Files.move(file, temporary.resolve("away"));
            Files.write(file, new byte[1 << 16]);
            compare(
                    expected,
                    0,
                    0,
                    1,
                    new ResidentRecords(store, "s").layer(0, null).acquire(0));
        }
        Files.move(temporary.resolve("away"), file, StandardCopyOption.REPLACE_EXISTING);
        try (ExpertStore store = ExpertStore.open(expected.manifest.folder())) {
            Files.setLastModifiedTime(file, FileTime.fromMillis(0));
            overwrite(file, 4096 + 70, 1, 2, 3, 4, 5, 6, 7, 8);
            String message = refusal(() -> new ResidentRecords(store, "s").layer(0, null));
            assertTrue(message.endsWith("; the file was changed while it was open, begin again"), message);
        }
        try (ExpertStore store = ExpertStore.open(expected.manifest.folder())) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.truncate(9000);
            }
            String message = refusal(() -> new ResidentRecords(store, "s").layer(1, null));
            assertTrue(message.contains("the file ends at byte "), message);
        }
    }

    @Test
    void readsThatFailNameTheExpertAndReadsThatAreShortAreRepeated() {
        SmallStore expected = new SmallStore(temporary.resolve("s"), 4, true);
        expected.write(StoreFiles.REAL, new Random(1));
        Random random = new Random(2);
        ExpertStore.Opener shortReads = file -> new FaultyFile(
                FileChannel.open(file, StandardOpenOption.READ),
                (_, bytes) -> bytes <= 4096 ? bytes : 4096 + random.nextInt(bytes - 4096));
        try (ExpertStore store = ExpertStore.open(expected.manifest.folder(), shortReads)) {
            compare(
                    expected,
                    1,
                    2,
                    1,
                    new ResidentRecords(store, "s").layer(1, null).acquire(2));
        }
        ExpertStore.Opener broken = file -> new FaultyFile(FileChannel.open(file, StandardOpenOption.READ), (_, _) -> {
            throw new IOException("Input/output error");
        });
        try (ExpertStore store = ExpertStore.open(expected.manifest.folder(), broken)) {
            String message = refusal(() -> new ResidentRecords(store, "s").layer(1, null));
            assertTrue(
                    message.matches(
                            "s: layer 1, expert \\d \\(bytes \\d+ to \\d+\\) cannot be read \\(Input/output error\\);"
                                    + " check the disk, copy the store or pack the model again"),
                    message);
        }
    }

    /** Rewrites the index with bytes changed and the checksum that belongs to them. */
    private static Damage index(int at, int... bytes) {
        return folder -> {
            Path file = folder.resolve(StoreManifest.INDEX);
            byte[] content = Files.readAllBytes(file);
            for (int i = 0; i < bytes.length; i++) {
                content[at + i] = (byte) bytes[i];
            }
            CRC32C checksum = new CRC32C();
            checksum.update(content, 0, content.length - 4);
            ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putInt(content.length - 4, (int)
                    checksum.getValue());
            Files.write(file, content);
        };
    }

    private static Damage manifest(String from, String to) {
        return folder -> {
            Path file = folder.resolve(StoreManifest.FILE);
            Files.writeString(file, Files.readString(file).replaceFirst(from, to));
        };
    }

    @Test
    void damagedStoresAreRefusedWhenTheyAreOpened() throws IOException {
        // The first record's description begins at byte 64 of the index, each takes 40 bytes.
        Object[][] table = {
            {
                index(8, 9),
                "experts.index: version is 9, expected 1; pack the model again, or use the release that packed it"
            },
            {index(0, 'X'), "experts.index: does not begin with TWEXPIDX and is no index of experts; AGAIN"},
            {index(12, 7), "experts.index: has 9 records in 7 layers, but store.json says 9 in 2; AGAIN"},
            {
                index(16, 255, 255, 255, 127),
                "experts.index: has 2147483647 records in 2 layers, but store.json says 9 in 2; AGAIN"
            },
            {
                index(32, 1),
                "experts.index: belongs to another store than store.json, whose digest is " + "0".repeat(63)
                        + "4; AGAIN"
            },
            {index(64, 1), "experts.index: layer 0, expert 0 begins at byte 4097, expected a multiple of 4096; AGAIN"},
            {
                index(64, 0, 0),
                "experts.index: layer 0, expert 0 begins at byte 0, before byte 4096, where what is before it ends; AGAIN"
            },
            {
                index(64 + 40, 0, 16),
                "experts.index: layer 0, expert 1 begins at byte 4096, before byte 16384, where what is before it ends; AGAIN"
            },
            {
                index(64, 0, 0, 0, 0, 0, 0, 0, 1),
                "experts.index: layer 0, expert 0 begins at byte 72057594037927936 and takes 12288 bytes, but the file has"
                        + " 98304; AGAIN"
            },
            {
                index(64, 0, 0, 0, 0, 0, 0, 0, 128),
                "experts.index: layer 0, expert 0 begins at byte -9223372036854775808, before byte 4096, where what is before it"
                        + " ends; AGAIN"
            },
            {index(64 + 24, 7), "experts.index: layer 0, expert 0 has gate in the unknown form 7; AGAIN"},
            {index(64 + 24, 0), "experts.index: layer 0, expert 0: gate of a gated expert has the form null; AGAIN"},
            {
                index(64 + 24, 0x80 + 12),
                "experts.index: layer 0, expert 0: rows of 96 elements are no whole blocks of Q4_K; AGAIN"
            },
            {
                index(64 + 8, 255, 255, 255, 255),
                "experts.index: layer 0, expert 0 has 4294967295 and 5376 bytes, but its matrices take 6208 and 5376; AGAIN"
            },
            {
                index(64 + 28, 0, 0, 128, 127),
                "experts.index: layer 0, expert 0 has the unit Infinity, expected a positive, finite number; AGAIN"
            },
            {
                (Damage) folder -> overwrite(folder.resolve(StoreManifest.INDEX), 90, 1, 2, 3),
                "experts.index: has the checksum "
            },
            {
                (Damage) folder -> Files.write(folder.resolve(StoreManifest.INDEX), new byte[10]),
                "experts.index: has 10 bytes, expected at least 68; AGAIN"
            },
            {
                (Damage) folder -> overwrite(folder.resolve(StoreManifest.RECORDS), 30, 1, 2, 3),
                "experts.bin: belongs to another store than store.json, whose digest is " + "0".repeat(63)
                        + "4; copy both from one store, or pack the model again"
            },
            {
                (Damage) folder -> overwrite(folder.resolve(StoreManifest.RECORDS), 98304, 1),
                "experts.bin: has 98305 bytes, but experts.index says 98304; the copy is not complete, copy it or pack the"
                        + " model again"
            },
            {
                manifest("\"version\" : 1", "\"version\" : 2"),
                "store.json: version is 2, expected 1; pack the model again, or use the release that packed it"
            },
            {
                manifest("\"experts\" : 5", "\"experts\" : 99999999999"),
                "store.json: key 'experts' is 99999999999, expected an integer from 1 to 1048576; AGAIN"
            },
            {
                manifest("\"experts\" : 5", "\"experts\" : 1048576"),
                "experts.index: has 9 records in 2 layers, but store.json says 1048580 in 2; AGAIN"
            },
            {
                manifest("\"width\" : 96", "\"width\" : 16777216"),
                "experts.index: layer 0, expert 0 has 6208 and 5376 bytes, but its matrices take "
            },
            {manifest("\"digest\" : \"0", "\"digest\" : \"x"), "store.json: key 'digest' is 'x"},
            {
                manifest("model.safetensors", "/etc/passwd"),
                "store.json: key 'dense' is /etc/passwd, expected dense.gguf or"
            },
            {manifest("\\{", "[1] {"), "store.json: is not valid JSON at line 1, column "},
        };
        for (int i = 0; i < table.length; i++) {
            Path folder = temporary.resolve("damage" + i);
            new SmallStore(folder, 4, true).write(StoreFiles.REAL, new Random(1));
            ((Damage) table[i][0]).apply(folder);
            String expected = ((String) table[i][1]).replace("AGAIN", "the store is damaged, pack the model again");
            String message = refusal(() -> ExpertStore.open(folder).close());
            assertTrue(
                    message.startsWith("DIR/damage" + i + "/" + expected)
                            && (!expected.endsWith("again") || message.endsWith(expected)),
                    i + ": " + message + " is not " + expected);
        }
    }
}
