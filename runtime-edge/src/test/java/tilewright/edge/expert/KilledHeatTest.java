package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Heat of processes that die while they save it; {@code -Dtilewright.kills=200} makes a long run. */
class KilledHeatTest {
    private static final int KILLS = Integer.getInteger("tilewright.kills", 8);
    private static final int FEW = 2;
    private static final int MANY = 48;
    private static final String DIGEST = "00ff17";

    @TempDir
    private Path folder;

    /** What the n-th run saves of a model with few layers or many, different each time. */
    private static List<HeatFile.Row> rows(int run, int layers) {
        Random random = new Random(run);
        List<HeatFile.Row> rows = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            for (int expert = 0; expert < 1 + run % 128; expert++) {
                rows.add(new HeatFile.Row(layer, expert, random.nextDouble() * 100, random.nextBoolean()));
            }
        }
        return rows;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void deathInAnyOperationLeavesTheOldHeatOrTheNew(boolean powerCut) throws IOException {
        Random random = new Random(5);
        Path file = folder.resolve("experts.heat");
        int deaths = 0;
        for (int run = 0; run < 40; run++) {
            boolean dead = true;
            for (int operations = 0; dead; operations++) {
                int old = random.nextInt(9) - 1;
                Files.deleteIfExists(file);
                if (old >= 0) {
                    HeatFile.save(file, DIGEST, rows(old, FEW));
                }
                DyingFiles files = new DyingFiles(operations, random);
                try {
                    HeatFile.save(files, file, DIGEST, rows(100 + run, FEW));
                } catch (IOException e) {
                    assertEquals("killed", e.getMessage());
                }
                dead = files.dead();
                deaths += dead ? 1 : 0;
                if (powerCut) {
                    files.cutPower();
                }
                Optional<List<HeatFile.Row>> found = HeatFile.load(file, DIGEST);
                String what = "run " + run + ", death after " + operations + " operations, old heat " + old;
                if (!dead) {
                    assertEquals(Optional.of(rows(100 + run, FEW)), found, what);
                } else if (!found.equals(Optional.of(rows(100 + run, FEW)))) {
                    assertEquals(old < 0 ? Optional.empty() : Optional.of(rows(old, FEW)), found, what);
                    assertEquals(old >= 0, Files.exists(file), what);
                }
            }
        }
        assertTrue(deaths >= 200, deaths + " deaths");
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndWhatALivingOneWritesIsNot() throws Exception {
        Path file = folder.resolve("experts.heat");
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        Path stray = Files.writeString(HeatFile.partial(file, ended.pid()), "tilewright heat 1\n00f");
        Path living = Files.writeString(
                HeatFile.partial(
                        file, ProcessHandle.current().parent().orElseThrow().pid()),
                "t");
        Path other = Files.writeString(HeatFile.partial(folder.resolve("other.heat"), ended.pid()), "t");
        HeatFile.save(file, DIGEST, rows(1, MANY));
        assertFalse(Files.exists(stray));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    Stream.of(file, living, other).sorted().toList(),
                    files.sorted().toList());
        }
    }

    /** Saves heat again and again, until it is killed. */
    static final class Saver {
        private Saver() {}

        /** Arguments: the file, the first run's number, how many have their turn. */
        public static void main(String[] arguments) throws IOException {
            int first = Integer.parseInt(arguments[1]);
            for (int run = first; ; run = first + (run + 1 - first) % Integer.parseInt(arguments[2])) {
                HeatFile.save(Path.of(arguments[0]), DIGEST, rows(run, MANY));
                System.out.write('.');
                System.out.flush();
            }
        }
    }

    @Test
    void aProcessKilledWhileItSavesLeavesWholeHeat() throws IOException, InterruptedException {
        Random random = new Random(6);
        Path file = folder.resolve("experts.heat");
        int turns = 4;
        int strays = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            int first = turns * (kill % 30);
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Saver.class.getName(),
                            file.toString(),
                            Integer.toString(first),
                            Integer.toString(turns))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            int saved = 0;
            int wanted = 1 + random.nextInt(3);
            while (saved < wanted && process.getInputStream().read() >= 0) {
                saved++;
            }
            process.waitFor(random.nextInt(20_000), TimeUnit.MICROSECONDS);
            process.destroyForcibly().waitFor();
            assertEquals(wanted, saved, "the process saved nothing");
            Optional<List<HeatFile.Row>> found = HeatFile.load(file, DIGEST);
            boolean whole = false;
            for (int run = first; run < first + turns; run++) {
                whole |= found.equals(Optional.of(rows(run, MANY)));
            }
            assertTrue(whole, "kill " + kill + ": " + found.map(List::size));
            strays += Files.exists(HeatFile.partial(file, process.pid())) ? 1 : 0;
        }
        System.out.println(KILLS + " kills while saving heat, " + strays + " in the middle of a file");
        HeatFile.save(file, DIGEST, rows(0, MANY));
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }
}
