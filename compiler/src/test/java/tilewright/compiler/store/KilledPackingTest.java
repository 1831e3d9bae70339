package tilewright.compiler.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.compiler.Progress;
import tilewright.compiler.codes.ScaleSearch;
import tilewright.edge.store.ExpertStoreWriter;
import tilewright.model.store.StoreManifest;

/** Processes that are killed while they pack; {@code -Dtilewright.kills=200} makes a long run. */
class KilledPackingTest {
    private static final Path TRAINED = Path.of("..", "examples", "moe-lm");
    private static final int KILLS = Integer.getInteger("tilewright.kills", 3);

    @TempDir
    private Path temporary;

    private static PackOptions options() {
        return new PackOptions(PackWidths.uniform(3), ScaleSearch.fast(), _ -> null, null, "", 2, false);
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
        Random random = new Random(4);
        Path folder = temporary.resolve("killed");
        long journal = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Process process = start(folder);
            Path file = ExpertStoreWriter.partial(folder).resolve("packing.journal");
            // From somewhere between two finished experts on; each entry of the journal takes some bytes.
            long target = journal + 1 + random.nextInt(40 * experts / 4);
            while (process.isAlive() && size(file) < target) {
                process.waitFor(1, TimeUnit.MILLISECONDS);
            }
            process.destroyForcibly().waitFor();
            if (Files.exists(folder)) {
                // It had finished before: the next one begins anew.
                assertSame(whole, folder);
                folder = temporary.resolve("killed" + kill);
                journal = 0;
            } else {
                assertTrue(size(file) >= journal, "the journal lost entries");
                journal = size(file);
            }
        }
        StorePacking.pack(TRAINED, folder, options(), Progress.NONE, () -> false);
        assertSame(whole, folder);
    }

    private static void assertSame(Path expected, Path found) throws IOException {
        for (String name : List.of(
                StoreManifest.RECORDS, StoreManifest.INDEX, StoreManifest.FILE, StoreManifest.DENSE_SAFETENSORS)) {
            assertArrayEquals(
                    Files.readAllBytes(expected.resolve(name)), Files.readAllBytes(found.resolve(name)), name);
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
