package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heat that outlives a run. */
class HeatFileTest {
    private static final String DIGEST = "00ff17";
    private static final List<HeatFile.Row> ROWS = List.of(
            new HeatFile.Row(0, 3, 1.25, true),
            new HeatFile.Row(0, 7, 0.1, false),
            new HeatFile.Row(5, 0, 1e-9, false),
            new HeatFile.Row(11, 127, 400, true));

    @TempDir
    private Path folder;

    @Test
    void whatIsSavedIsLoaded() throws IOException {
        Path file = folder.resolve("new").resolve("experts.heat");
        HeatFile.save(file, DIGEST, ROWS);
        assertEquals(Optional.of(ROWS), HeatFile.load(file, DIGEST));
        HeatFile.save(file, DIGEST, List.of());
        assertEquals(Optional.of(List.of()), HeatFile.load(file, DIGEST));
    }

    @Test
    void aFileOfOtherExpertsOrNoFileGivesNothing() throws IOException {
        Path file = folder.resolve("experts.heat");
        assertTrue(HeatFile.load(file, DIGEST).isEmpty());
        HeatFile.save(file, DIGEST, ROWS);
        assertTrue(HeatFile.load(file, "00ff18").isEmpty());
    }

    @Test
    void aFileCutOrChangedAnywhereGivesNothing() throws IOException {
        Path file = folder.resolve("experts.heat");
        HeatFile.save(file, DIGEST, ROWS);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertTrue(HeatFile.load(file, DIGEST).isEmpty(), "cut to " + length + " bytes");
        }
        Random random = new Random(3);
        for (int i = 0; i < 200; i++) {
            byte[] changed = whole.clone();
            changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, changed);
            assertTrue(HeatFile.load(file, DIGEST).isEmpty(), new String(changed));
        }
    }
}
