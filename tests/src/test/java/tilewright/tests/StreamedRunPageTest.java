package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.tests.Tilewright.Result;

/** The page that {@code bench} and {@code run} write about experts on demand. */
class StreamedRunPageTest {
    private static Path example() {
        return Tilewright.checkout().resolve("examples").resolve("moe-lm");
    }

    private static String page(Result result, Path file) throws Exception {
        assertEquals(0, result.status(), result::err);
        assertTrue(result.err().contains("the run's course is drawn in " + file), result::err);
        return Files.readString(file).replace("\u202F", "").replace('\u00A0', ' ');
    }

    @Test
    void benchDrawsAllRoundsThatCount(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("bench.html");
        Result result = Tilewright.run(
                "bench", example(), "-p", 8, "-n", 6, "-r", 2, "--memory", "64GiB", "--report", file, "--json");
        String page = page(result, file);
        assertTrue(
                page.contains("96 experts in 6 layers · 64 GiB of memory · prefill of 16 tokens, decode of 12 tokens"));
        assertTrue(page.contains("<title>token 12: "));
        assertFalse(page.contains("<title>token 13: "));
        assertTrue(page.contains("memory over time"));
        JsonNode memory = new ObjectMapper().readTree(result.out()).get("memory");
        assertEquals(64L << 30, memory.get("budget_bytes").asLong());
        long peak = memory.get("peak_bytes").asLong();
        long most = 0;
        for (JsonNode sample : memory.get("samples")) {
            most = Math.max(
                    most,
                    sample.get(1).asLong()
                            + sample.get(2).asLong()
                            + sample.get(3).asLong());
        }
        assertTrue(peak == most && (peak > 0 || !Files.exists(Path.of("/proc/self/status"))), memory.toString());
    }

    @Test
    void runDrawsThePromptAndTheAnswer(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("run.html");
        String home = System.getProperty("tilewright.home");
        Result result;
        System.setProperty("tilewright.home", folder.toString());
        try {
            result = Tilewright.run(
                    "run", example(), "--prompt", "First Citizen:", "-n", 5, "--memory", "64GiB", "--report", file);
        } finally {
            if (home == null) {
                System.clearProperty("tilewright.home");
            } else {
                System.setProperty("tilewright.home", home);
            }
        }
        String page = page(result, file);
        assertTrue(result.err().contains(" of 65536 MiB at most"), result::err);
        assertTrue(page.contains(", decode of 4 tokens"), page.substring(page.indexOf("<header>")));
    }

    @Test
    void aPageNeedsABudgetAndAFolder(@TempDir Path folder) {
        Path file = folder.resolve("none").resolve("report.html");
        Result without = Tilewright.run("bench", example(), "--report", file);
        assertEquals(2, without.status());
        assertTrue(without.err().contains("--report is about experts on demand, expected --memory SIZE with it"));
        Result nowhere = Tilewright.run("bench", example(), "--memory", "64GiB", "--report", file);
        assertEquals(1, nowhere.status());
        assertEquals(
                List.of("tilewright: " + file + ": the report cannot be written there; is " + file.getParent()
                        + " a writable folder?"),
                nowhere.complaints());
    }
}
