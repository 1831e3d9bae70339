package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.compiler.cli.Main;
import tilewright.tests.FaultyFiles.Kind;
import tilewright.tests.Tilewright.Result;

/** Storage that fails under the command line: the exact line, exit code 1, nothing half-written, and never a wrong token. */
class StreamedFaultsTest {
    private static final String BUDGET = "64GiB";

    @TempDir
    private Path folder;

    private Path store;
    private Path records;

    @BeforeEach
    void pack() {
        store = folder.resolve("store");
        records = store.resolve("experts.bin");
        Result result = Tilewright.run("pack", model(), "--bits", 4, "-o", store);
        assertEquals(0, result.status(), result.err());
    }

    private static Path model() {
        return Tilewright.checkout().resolve("examples/moe-lm");
    }

    private String complaint(Result result) {
        assertEquals(1, result.status(), result.err());
        assertEquals(1, result.complaints().size(), result.err());
        return result.complaints().getFirst().replace(folder.toString(), "DIR");
    }

    private static void assertMatches(String pattern, String text) {
        assertTrue(text.matches(pattern), text);
    }

    /** Runs a command in a process of its own. */
    private Result process(Map<String, String> environment, Object... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        Stream.of(arguments).map(Object::toString).forEach(command::add);
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Result(process.waitFor(), out, Files.readString(err));
    }

    private static Object[] with(Object[] options, Object... more) {
        return Stream.concat(Stream.of(options), Stream.of(more)).toArray();
    }

    private void overwriteAllRecords() throws IOException {
        byte[] bytes = Files.readAllBytes(records);
        for (int at = 4096 + 100; at < bytes.length; at += 512) {
            bytes[at] ^= 1;
        }
        try (FileChannel file = FileChannel.open(records, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(bytes), 0);
        }
    }

    @Test
    void aChecksumThatIsWrongEndsTheCommandWithoutAFile() throws IOException {
        FileTime before = Files.getLastModifiedTime(records);
        overwriteAllRecords();
        Files.setLastModifiedTime(records, before);
        Path logits = folder.resolve("x.npy");
        Result result = Tilewright.run("logits", store, "--ids", "1,2,3", "-o", logits, "--memory", BUDGET);
        assertMatches(
                "tilewright: DIR/store/experts.bin: layer \\d, expert \\d+, base part \\(bytes \\d+ to \\d+\\) has the"
                        + " checksum [0-9a-f]{8}, expected [0-9a-f]{8}; the file is damaged, copy it or pack the model"
                        + " again",
                complaint(result));
        assertFalse(Files.exists(logits));
    }

    @Test
    void aFileThatWasCutIsRefusedBeforeItRuns() throws IOException {
        long whole = Files.size(records);
        try (FileChannel file = FileChannel.open(records, StandardOpenOption.WRITE)) {
            file.truncate(whole - 4096);
        }
        Result result = Tilewright.run("bench", store, "-n", 2, "-p", 0, "--memory", BUDGET);
        assertEquals(
                "tilewright: DIR/store/experts.bin: has " + (whole - 4096) + " bytes, but experts.index says " + whole
                        + "; the copy is not complete, copy it or pack the model again",
                complaint(result));
    }

    /** Gives one line, then lets something happen, then gives another one. */
    private static final class Between extends Reader {
        private final List<String> lines =
                new ArrayList<>(List.of("a\n", "The quick brown fox jumps over it again.\n"));
        private final Happening happening;
        private String left = "";

        Between(Happening happening) {
            this.happening = happening;
        }

        @Override
        public int read(char[] to, int at, int length) throws IOException {
            if (left.isEmpty()) {
                if (lines.isEmpty()) {
                    return -1;
                }
                if (lines.size() == 1) {
                    happening.happen();
                }
                left = lines.removeFirst();
            }
            int taken = Math.min(length, left.length());
            left.getChars(0, taken, to, at);
            left = left.substring(taken);
            return taken;
        }

        @Override
        public void close() {
            lines.clear();
        }
    }

    private interface Happening {
        void happen() throws IOException;
    }

    /** Two lines of a conversation; the first needs few experts, the second one some that were not read before. */
    private Result converse(Happening between) {
        String home = System.getProperty("tilewright.home");
        System.setProperty("tilewright.home", folder.resolve("home").toString());
        try {
            return Tilewright.runReading(
                    new Between(between),
                    "run",
                    store,
                    "--chat",
                    "-n",
                    1,
                    "--temperature",
                    0,
                    "--memory",
                    BUDGET,
                    "--no-prefetch",
                    "--activations",
                    "float");
        } finally {
            if (home == null) {
                System.clearProperty("tilewright.home");
            } else {
                System.setProperty("tilewright.home", home);
            }
        }
    }

    @Test
    void aFileReplacedWhileOpenIsReadAsItWas() throws IOException {
        Result expected = converse(() -> {});
        assertEquals(0, expected.status(), expected.err());
        Files.delete(heat());
        Result found = converse(() -> {
            Path other = Files.write(folder.resolve("other"), new byte[1 << 16]);
            Files.move(other, records, StandardCopyOption.REPLACE_EXISTING);
        });
        assertEquals(0, found.status(), found.err());
        assertEquals(expected.out(), found.out());
    }

    @Test
    void aFileWrittenOverWhileOpenEndsTheCommand() {
        Result result = converse(() -> {
            overwriteAllRecords();
            Files.setLastModifiedTime(records, FileTime.fromMillis(0));
        });
        assertMatches(
                "tilewright: DIR/store/experts.bin: layer \\d, expert \\d+, base part \\(bytes \\d+ to \\d+\\) has the"
                        + " checksum [0-9a-f]{8}, expected [0-9a-f]{8}; the file was changed while it was open, begin"
                        + " again",
                complaint(result));
    }

    @Test
    void aFileCutWhileOpenEndsTheCommand() throws IOException {
        long whole = Files.size(records);
        Result result = converse(() -> {
            try (FileChannel file = FileChannel.open(records, StandardOpenOption.WRITE)) {
                file.truncate(8192);
            }
        });
        assertMatches(
                "tilewright: expert \\d+ of layer \\d of experts cannot be read \\(a read of \\d+ bytes at \\d+ gave 0; the"
                        + " file had " + whole + " bytes when it was opened and has 8192 now\\); check the disk and the"
                        + " model's file",
                complaint(result));
    }

    private Path heat() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("home").resolve("heat"))) {
            return files.findFirst().orElseThrow();
        }
    }

    @Test
    void heatThatIsDamagedOrCannotBeKeptIsSaidInALineAndChangesNothing() throws IOException {
        Result expected = converse(() -> {});
        Path heat = heat();
        Files.writeString(heat, Files.readString(heat).substring(9));
        Result damaged = converse(() -> {});
        assertEquals(0, damaged.status(), damaged.err());
        assertEquals(expected.out(), damaged.out());
        assertTrue(
                damaged.err()
                        .contains(heat + ": is damaged or of another model, so this run starts with nothing in memory"),
                damaged.err());
        Files.delete(heat);
        Files.delete(heat.getParent());
        Files.writeString(heat.getParent(), "no folder");
        Result unkept = converse(() -> {});
        assertEquals(0, unkept.status(), unkept.err());
        assertEquals(expected.out(), unkept.out());
        assertTrue(unkept.err().contains(heat + ": cannot be written ("), unkept.err());
    }

    @Test
    void readsThatFailEndTheCommandAndShortReadsChangeNothing() throws Exception {
        FaultyFiles faulty = new FaultyFiles(folder);
        Path logits = folder.resolve("x.npy");
        for (Path each : List.of(store, model())) {
            String file = each.equals(store) ? "experts.bin" : "model-00002-of";
            Object[] options = {"logits", each, "--ids", "1,2,3,77", "--activations", "int8"};
            Object[] command = with(options, "-o", logits, "--memory", "600MiB");
            Path exact = folder.resolve("exact.npy");
            assertEquals(0, Tilewright.run(with(options, "-o", exact)).status());
            Result broken = process(faulty.environment(Kind.EIO, file, 5), command);
            assertMatches(
                    "tilewright: expert \\d+ of layer \\d of experts cannot be read \\(Input/output error\\); check the disk and"
                            + " the model's file",
                    complaint(broken));
            assertFalse(Files.exists(logits));
            Result slow = process(faulty.environment(Kind.SHORT, file, 0), command);
            assertEquals(0, slow.status(), slow.err());
            assertArrayEquals(Files.readAllBytes(exact), Files.readAllBytes(logits));
            Files.delete(logits);
        }
    }

    @Test
    void aDiskThatIsFullWhilePackingEndsTheCommandAndTheSameOneGoesOn() throws Exception {
        FaultyFiles faulty = new FaultyFiles(folder);
        Path full = folder.resolve("full");
        Object[] command = {"pack", model(), "--bits", 4, "-o", full, "--threads", 1};
        Result noRoom = process(faulty.environment(Kind.FULL, "full.partial/experts.bin", 1_000_000), command);
        assertMatches(
                "tilewright: DIR/full.partial: cannot be written \\(No space left on device\\) after [1-9]\\d* of 96 experts,"
                        + " which are kept; free some space or mend the disk, and give the same command again",
                complaint(noRoom));
        assertFalse(Files.exists(full));
        Result noRoomForTheRest =
                process(faulty.environment(Kind.FULL, "full.partial/.model.safetensors", 10_000), command);
        assertEquals(
                "tilewright: DIR/full.partial/model.safetensors: cannot be written (No space left on device); what is"
                        + " finished is kept: free some space and give the same command again",
                complaint(noRoomForTheRest));
        assertFalse(Files.exists(full));
        Result room = Tilewright.run(command);
        assertEquals(0, room.status(), room.err());
        try (Stream<Path> files = Files.list(store)) {
            for (Path file : files.toList()) {
                assertArrayEquals(
                        Files.readAllBytes(file),
                        Files.readAllBytes(full.resolve(file.getFileName())),
                        file.toString());
            }
        }
        try (Stream<Path> there = Files.list(full);
                Stream<Path> expected = Files.list(store)) {
            assertEquals(expected.count(), there.count());
        }
    }
}
