package tilewright.edge.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.model.InvalidInputException;
import tilewright.model.store.StoreManifest;

class ExpertStoreWriterTest {
    private static final int KILLS = 200;

    @TempDir
    private Path temporary;

    /** A process that dies at its n-th operation on files: that one is done in part, and none after it. */
    private static final class Death implements FaultyFile.Fault {
        private final Random random;
        private final AtomicInteger left;
        private boolean dead;

        Death(int operations, Random random) {
            this.left = new AtomicInteger(operations);
            this.random = random;
        }

        @Override
        public int before(boolean write, int bytes) throws IOException {
            if (dead) {
                throw new IOException("killed");
            }
            if (write && left.decrementAndGet() < 0) {
                return random.nextInt(bytes + 1);
            }
            return bytes;
        }

        @Override
        public void after(boolean write) throws IOException {
            if (write && left.get() < 0) {
                dead = true;
                throw new IOException("killed");
            }
        }
    }

    private static StoreFiles files(FaultyFile.Fault fault) {
        return (file, options) -> new FaultyFile(FileChannel.open(file, options), fault);
    }

    private static void assertSame(Map<String, byte[]> expected, Path folder, String what) {
        Map<String, byte[]> found = SmallStore.contents(folder);
        assertEquals(expected.keySet(), found.keySet(), what);
        expected.forEach((name, bytes) -> assertArrayEquals(bytes, found.get(name), what + ": " + name));
    }

    @Test
    void aStoreKilledAnywhereIsFinishedWithTheSameBytesAndLosesNoFinishedRecord() {
        Path whole = temporary.resolve("whole");
        new SmallStore(whole, 7, false).write(StoreFiles.REAL, new Random(0));
        Map<String, byte[]> expected = SmallStore.contents(whole);
        Random random = new Random(11);
        int killed = 0;
        for (int run = 0; killed < KILLS; run++) {
            Path folder = temporary.resolve("killed" + run);
            SmallStore store = new SmallStore(folder, 7, false);
            int finished = 0;
            // Several deaths in a row, then one that finishes.
            for (int life = 0; life < 1 + run % 3; life++) {
                Death death = new Death(random.nextInt(30), random);
                int done = 0;
                try (ExpertStoreWriter writer =
                        ExpertStoreWriter.open(files(death), store.manifest, store.shapes, false, _ -> {})) {
                    assertTrue(writer.finished() >= finished, "run " + run + " lost a record");
                    done = writer.finished();
                    for (int i = 0; i < writer.records(); i++) {
                        int expert = random.nextInt(9);
                        int layer = expert < 5 ? 0 : 1;
                        if (!writer.isFinished(layer, expert - 5 * layer)) {
                            store.write(writer, layer, expert - 5 * layer);
                            done++;
                        }
                    }
                    if (done == writer.records()) {
                        writer.publish(false);
                    }
                } catch (InvalidInputException e) {
                    killed++;
                    assertTrue(e.getMessage().contains("killed"), e.getMessage());
                }
                finished = Math.max(finished, done);
                if (Files.exists(folder)) {
                    break;
                }
            }
            if (!Files.exists(folder)) {
                int before = finished;
                try (ExpertStoreWriter writer = ExpertStoreWriter.open(store.manifest, store.shapes, false, _ -> {})) {
                    assertTrue(writer.finished() >= before, "run " + run + " lost a record");
                }
                store.write(StoreFiles.REAL, random);
            }
            assertSame(expected, folder, "run " + run);
        }
    }

    @Test
    void aDiskThatIsFullEndsInOneLineAndKeepsWhatIsFinished() {
        Path folder = temporary.resolve("full");
        SmallStore store = new SmallStore(folder, 7, true);
        int[] room = {60_000};
        FaultyFile.Fault full = (write, bytes) -> {
            if (!write) {
                return bytes;
            }
            if (bytes > 0 && room[0] == 0) {
                throw new IOException("No space left on device");
            }
            int taken = Math.min(bytes, room[0]);
            room[0] -= taken;
            return taken;
        };
        InvalidInputException e =
                assertThrows(InvalidInputException.class, () -> store.write(files(full), new Random(3)));
        String message = e.getMessage().replace(temporary.toString(), "DIR");
        assertTrue(
                message.matches(
                        "DIR/full.partial: cannot be written \\(No space left on device\\) after [45] of 9 experts,"
                                + " which are kept; free some space or mend the disk, and give the same command again"),
                message);
        assertFalse(Files.exists(folder));
        try (ExpertStoreWriter writer = ExpertStoreWriter.open(store.manifest, store.shapes, false, _ -> {})) {
            assertTrue(writer.finished() >= 4);
        }
        store.write(StoreFiles.REAL, new Random(4));
        Path whole = temporary.resolve("whole");
        new SmallStore(whole, 7, true).write(StoreFiles.REAL, new Random(0));
        assertSame(SmallStore.contents(whole), folder, "after the disk was full");
    }

    @Test
    void aRecordThatChangedOnDiskIsWrittenAgain() throws IOException {
        Path folder = temporary.resolve("torn");
        SmallStore store = new SmallStore(folder, 7, true);
        try (ExpertStoreWriter writer = ExpertStoreWriter.open(store.manifest, store.shapes, false, _ -> {})) {
            store.write(writer, 0, 0);
            store.write(writer, 0, 1);
        }
        Path records = ExpertStoreWriter.partial(folder).resolve(StoreManifest.RECORDS);
        byte[] bytes = Files.readAllBytes(records);
        bytes[5000] ^= 1;
        Files.write(records, bytes);
        try (ExpertStoreWriter writer = ExpertStoreWriter.open(store.manifest, store.shapes, false, _ -> {})) {
            assertFalse(writer.isFinished(0, 0));
            assertTrue(writer.isFinished(0, 1));
        }
    }

    @Test
    void anUnfinishedStoreOfOtherOptionsIsRefusedUnlessItMayBeReplaced() {
        Path folder = temporary.resolve("s");
        SmallStore first = new SmallStore(folder, 7, true);
        try (ExpertStoreWriter writer = ExpertStoreWriter.open(first.manifest, first.shapes, false, _ -> {})) {
            first.write(writer, 1, 3);
        }
        SmallStore other = new SmallStore(folder, 8, true);
        InvalidInputException e = assertThrows(
                InvalidInputException.class,
                () -> ExpertStoreWriter.open(other.manifest, other.shapes, false, _ -> {})
                        .close());
        assertEquals(
                "DIR/s.partial: packing was begun with other options or another model (small, bits mixed); give the same to"
                        + " continue, or --force to begin again",
                e.getMessage().replace(temporary.toString(), "DIR"));
        try (ExpertStoreWriter writer = ExpertStoreWriter.open(other.manifest, other.shapes, true, _ -> {})) {
            assertEquals(0, writer.finished());
        }
    }

    @Test
    void twoWritersOfOneStoreKeepOutOfEachOthersWay() {
        SmallStore store = new SmallStore(temporary.resolve("s"), 7, true);
        try (ExpertStoreWriter writer = ExpertStoreWriter.open(store.manifest, store.shapes, false, _ -> {})) {
            store.write(writer, 0, 0);
            InvalidInputException e = assertThrows(
                    InvalidInputException.class,
                    () -> ExpertStoreWriter.open(store.manifest, store.shapes, false, _ -> {})
                            .close());
            assertEquals(
                    "DIR/s.partial: another process is packing into this folder; wait for it, or choose another with -o",
                    e.getMessage().replace(temporary.toString(), "DIR"));
        }
    }
}
