package tilewright.compiler.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.compiler.Progress;
import tilewright.compiler.codes.ScaleSearch;
import tilewright.edge.store.ExpertStoreWriter;
import tilewright.model.store.StoreManifest;

/** Processes that are killed while they pack; {@code -Dtilewright.kills=200} makes a long run. */
class KilledPackingTest {
    private static final Path TRAINED = Path.of("..", "examples", "moe-lm");
    private static final int KILLS = Integer.getInteger("tilewright.kills", 4);
    private static final long SEED = Long.getLong("tilewright.kills.seed", 4);

    @TempDir
    private Path temporary;

    private static PackOptions options() {
        return new PackOptions(
                PackWidths.uniform(3), ScaleSearch.fast(), _ -> null, null, "", _ -> List.of(), 2, false);
    }

    /** Packs in a process of its own. */
    static final class Packer {
        private Packer() {}

        /** Arguments: the model and the store. */
        public static void main(String[] arguments) {
            StorePacking.pack(Path.of(arguments[0]), Path.of(arguments[1]), options(), Progress.NONE, () -> false);
        }
    }

    private static Process start(Path folder) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Packer.class.getName(),
                        TRAINED.toString(),
                        folder.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    @Test
    void aProcessKilledWhilePackingIsContinuedToTheSameBytes() throws IOException, InterruptedException {
        Path whole = temporary.resolve("whole");
        int experts = StorePacking.pack(TRAINED, whole, options(), Progress.NONE, () -> false)
                .experts();
        Random random = new Random(SEED);
        Path folder = temporary.resolve("killed");
        long journal = 0;
        int published = 0;
        int strays = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = start(folder);
            Path partial = ExpertStoreWriter.partial(folder);
            Path file = partial.resolve("packing.journal");
            if (kill % 4 == 3) {
                // While the rest of the model is written, or the store gets its name.
                while (process.isAlive() && !Files.exists(folder) && !holds(partial, StoreManifest.DENSE_SAFETENSORS)) {
                    process.waitFor(1, TimeUnit.MILLISECONDS);
                }
            } else {
                // From somewhere between two finished experts on; each entry of the journal takes some bytes.
                long target = journal + 1 + random.nextInt(40 * experts / 4);
                while (process.isAlive() && size(file) < target) {
                    process.waitFor(1, TimeUnit.MILLISECONDS);
                }
            }
            process.waitFor(random.nextInt(20_000), TimeUnit.MICROSECONDS);
            process.destroyForcibly().waitFor();
            strays += holds(partial, ".partial") ? 1 : 0;
            if (Files.exists(folder)) {
                // It was published before: the same command finds nothing to do, and the next one begins anew.
                assertEquals(
                        0,
                        StorePacking.pack(TRAINED, folder, options(), Progress.NONE, () -> false)
                                .packed());
                assertSame(whole, folder);
                published++;
                folder = temporary.resolve("killed" + kill);
                journal = 0;
            } else {
                assertTrue(size(file) >= journal, "the journal lost entries");
                journal = size(file);
            }
        }
        StorePacking.pack(TRAINED, folder, options(), Progress.NONE, () -> false);
        assertSame(whole, folder);
        System.out.println(KILLS + " kills while packing: " + published + " after the store was published, " + strays
                + " while the rest of the model was written");
    }

    /** Whether a folder has a file whose name ends so, or that is to become one. */
    private static boolean holds(Path folder, String end) throws IOException {
        if (!Files.exists(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(each -> each.getFileName().toString())
                    .anyMatch(name -> name.endsWith(end) || name.startsWith("." + end));
        }
    }

    private static void assertSame(Path expected, Path found) throws IOException {
        List<Path> files = files(expected);
        assertEquals(files, files(found));
        for (Path file : files) {
            assertArrayEquals(
                    Files.readAllBytes(expected.resolve(file)),
                    Files.readAllBytes(found.resolve(file)),
                    file.toString());
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(Path::getFileName).sorted().toList();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
