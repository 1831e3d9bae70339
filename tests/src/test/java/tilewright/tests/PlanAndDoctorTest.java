package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.cli.Main;
import tilewright.tests.Tilewright.Result;

/** What the commands say before a model runs. */
class PlanAndDoctorTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of the trained example: 96 experts of three 128 x 128 matrices in bfloat16, of which a token uses 2 in 6 layers. */
    private static final long EXPERT_BYTES = 3 * 128 * 128 * 2;

    @TempDir
    Path folder;

    private static Path example() {
        return Tilewright.checkout().resolve("examples/moe-lm");
    }

    private static JsonNode json(Result result) throws Exception {
        assertEquals(0, result.status(), result.err());
        return JSON.readTree(result.out());
    }

    @Test
    void moreMemoryIsPredictedToReadLess() throws Exception {
        JsonNode plan = json(Tilewright.run("plan", example(), "--threads", 1, "--json"));
        assertEquals(96, plan.get("experts").asInt());
        assertEquals(96 * EXPERT_BYTES, plan.get("expert_bytes").asLong());
        assertEquals(12 * EXPERT_BYTES, plan.get("routed_bytes_per_token").asLong());
        JsonNode reading = plan.get("experts_reading");
        assertTrue(reading.get("bytes_per_second").asDouble() > 0, reading::toString);
        JsonNode forecasts = plan.get("forecasts");
        assertEquals(5, forecasts.size());
        for (JsonNode forecast : forecasts) {
            double most = forecast.get("bound_tokens_per_second").asDouble() * (1 + 1e-9);
            assertTrue(forecast.get("tokens_per_second").asDouble() <= most, forecast::toString);
            assertTrue(forecast.get("guessing_tokens_per_second").asDouble() <= most, forecast::toString);
        }
        for (int i = 1; i < 5; i++) {
            assertTrue(forecasts.get(i).get("hit_rate").asDouble()
                    >= forecasts.get(i - 1).get("hit_rate").asDouble());
        }
        assertEquals(1, forecasts.get(4).get("hit_rate").asDouble());
        assertEquals(0, forecasts.get(4).get("read_bytes_per_token").asDouble());
    }

    @Test
    void evenUseOfHalfTheExpertsHitsAboutHalfOfThem() throws Exception {
        JsonNode plan = json(Tilewright.run("plan", example(), "--threads", 1, "--json"));
        assertEquals(0.5, plan.get("forecasts").get(2).get("hit_rate").asDouble(), 0.06);
    }

    @Test
    void aTraceDecidesWhatIsHit() throws Exception {
        Path trace = folder.resolve("one.route.csv");
        StringBuilder lines = new StringBuilder("# route_trace v1\n");
        for (int token = 0; token < 80; token++) {
            for (int layer = 0; layer < 6; layer++) {
                for (int slot = 0; slot < 2; slot++) {
                    lines.append("0,1,%d,%d,%d,%d\n".formatted(token, layer, slot, slot));
                }
            }
        }
        Files.writeString(trace, lines);
        JsonNode plan = json(Tilewright.run("plan", example(), "--routing", trace, "--threads", 1, "--json"));
        assertEquals(1, plan.get("forecasts").get(1).get("hit_rate").asDouble());
    }

    @Test
    void aBudgetThatIsTooSmallIsRefusedWithTheSmallestThatWorks() {
        Result result = Tilewright.run("plan", example(), "--memory", "50MiB");
        assertEquals(2, result.status());
        assertEquals(1, result.complaints().size(), result.err());
        assertTrue(
                result.complaints()
                        .getFirst()
                        .matches(".*moe-lm: --memory is 50 MiB, the smallest budget that works is about \\d+ MiB"),
                result.err());
    }

    @Test
    void aStoreIsCountedAsItIsPacked() throws Exception {
        Path store = folder.resolve("store");
        Result packed = Tilewright.run("pack", example(), "--bits", 4, "-o", store);
        assertEquals(0, packed.status(), packed.err());
        // 128 rows of 128 codes of 4 bits, and a scale and a zero byte for each 64 of them.
        long expert = 3 * 128 * (128 / 2 + 2 * 2);
        // Attention, routers, embedding and norms in bfloat16.
        long dense = 2 * (6 * 128 * (128 + 64 + 64 + 128) + 6 * 16 * 128 + 4096 * 128 + 2048);
        for (String command : List.of("inspect", "bench")) {
            List<Object> arguments = new ArrayList<>(List.of(command, store, "--json"));
            if (command.equals("bench")) {
                arguments.addAll(List.of("-p", 4, "-n", 2, "-r", 1, "--threads", 1));
            }
            JsonNode answer = json(Tilewright.run(arguments.toArray()));
            assertEquals(dense + 96 * expert, answer.get("weight_bytes").asLong());
        }
        JsonNode plan = json(Tilewright.run("plan", store, "--threads", 1, "--json"));
        assertEquals(96, plan.get("experts").asInt());
        assertTrue(plan.get("expert_bytes").asLong() >= 96 * expert);
        assertTrue(plan.get("expert_bytes").asLong() < 96 * (expert + 8192));
    }

    @Test
    void smallExpertsAreNamedInBytesThatSaySomething() {
        Result plan = Tilewright.run("plan", example(), "--threads", 1);
        assertEquals(0, plan.status(), plan.err());
        // 3 matrices of 128 x 128 in bfloat16, two experts in each of 6 layers.
        assertTrue(
                plan.out().contains(": 96 experts of 96.0 KiB on average, 1.1 MiB of them for each token"), plan.out());
        assertTrue(plan.out().contains("; 1 thread multiplies "), plan.out());
    }

    @Test
    void modelsWhoseFilesHoldTransposedExpertsAreToldToBePacked() {
        Path model = Tilewright.shared().resolve("arch-zoo/gpt_oss");
        assumeTrue(Files.isDirectory(model), "there is no " + model);
        String way =
                "the model's files do not hold them one by one as they are computed; pack it first: tilewright pack "
                        + model + " --bits as-stored -o DIR";
        Result read =
                Tilewright.run("logits", model, "--ids", "1,2", "--memory", "1GiB", "-o", folder.resolve("none.npy"));
        assertEquals(2, read.status());
        assertEquals(
                List.of("tilewright: " + model + ": --memory reads experts on demand, but " + way), read.complaints());
        assertEquals(
                List.of("tilewright: " + model + ": " + way),
                Tilewright.run("plan", model).complaints());
        assertEquals(
                0,
                Tilewright.run("pack", model, "--bits", "as-stored", "-o", folder.resolve("gpt_oss"))
                        .status());
    }

    /** A command in a process of its own, with the launcher's flags. */
    private Result launched(List<String> flags, Object... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC"));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new Result(process.waitFor(), Files.readString(out), Files.readString(err));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theSmallestBudgetThatIsListedIsEnoughToRun(boolean packed) throws Exception {
        Path model = example();
        if (packed) {
            model = folder.resolve("store");
            json(Tilewright.run("pack", example(), "--bits", 4, "-o", model, "--json"));
        }
        JsonNode plan = json(launched(LauncherTest.planFlags(), "plan", model, "--threads", 1, "--json"));
        long bytes = plan.get("forecasts").get(0).get("memory_bytes").asLong();
        assertTrue(bytes >= plan.get("least_budget_bytes").asLong());
        String budget = bytes / (1 << 20) + "MiB";

        Result run = launched(
                LauncherTest.runFlags(budget),
                "run",
                model,
                "--prompt",
                "Yes",
                "-n",
                4,
                "--memory",
                budget,
                "--threads",
                1);

        assertEquals(0, run.status(), run.err());
    }

    @Test
    void guessesAreDrawnOnlyWithinABudget() {
        Result result = Tilewright.run("bench", example(), "--routing", "x.route.csv", "--recall", 0.8);
        assertEquals(2, result.status());
        assertEquals(
                List.of(
                        "tilewright: --recall is about experts on demand, expected --memory SIZE with it; see 'tilewright"
                                + " bench --help'"),
                result.complaints());
    }

    @Test
    void twoSourcesOfHitsAreMisuse() {
        Result result = Tilewright.run("plan", example(), "--routing", "a", "--profile", "b");
        assertEquals(2, result.status());
        assertTrue(
                result.err().contains("--profile and --routing both say what a cache hits; give one of them"),
                result.err());
    }

    @Test
    void theDoctorMeasuresAndLeavesNothingBehind() throws Exception {
        JsonNode answer = json(Tilewright.run("doctor", folder, "--json"));
        assertTrue(answer.get("memory_bytes_per_second").asDouble() > 0);
        assertEquals(4, answer.get("storage").size());
        List<String> topics = answer.get("findings").findValuesAsText("topic");
        assertTrue(
                topics.containsAll(List.of("processor", "kernels", "memory speed", "storage", "beside computing")),
                topics::toString);
        try (var files = Files.list(folder)) {
            assertFalse(files.findAny().isPresent());
        }
    }

    @Test
    void theDoctorTellsTheRestWhereADriveCannotBeMeasured() throws Exception {
        Path readOnly = Path.of("/proc/self");
        assumeTrue(Files.isDirectory(readOnly), "no /proc, in which nobody can write");
        JsonNode answer = json(Tilewright.run("doctor", readOnly, "--json"));
        assertEquals(0, answer.get("storage").size());
        assertTrue(answer.get("memory_bytes_per_second").asDouble() > 0);
        JsonNode last = answer.get("findings").get(answer.get("findings").size() - 1);
        assertEquals("storage", last.get("topic").asText());
        assertTrue(last.get("value").asText().startsWith("not measured: /proc/self: "), last::toString);
        assertEquals(
                "give the doctor a model's file, or a folder that can be written to",
                last.get("advice").asText());
    }

    @Test
    void theDoctorRefusesWhatIsNotThere() {
        Result result = Tilewright.run("doctor", folder.resolve("absent"));
        assertEquals(1, result.status());
        assertEquals(
                List.of("tilewright: " + folder.resolve("absent") + ": there is no such file or folder"),
                result.complaints());
    }
}
