package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.cli.Main;
import tilewright.model.tensor.DType;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.SafetensorsWriter;
import tilewright.model.tensor.TensorSource;
import tilewright.tests.Tilewright.Result;

/** Profiles of the trained example and what is packed by them, through the command line. */
class ProfileAndPackTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Of the example: 96 experts of three 128 x 128 matrices. */
    private static final long WEIGHTS = 96L * 3 * 128 * 128;

    private static final Path MODEL = Tilewright.checkout().resolve("examples/moe-lm");
    private static final int TOKENS = 256;

    @TempDir
    static Path folder;

    private static Path ids;
    private static Path profile;
    private static Result profiled;

    @BeforeAll
    static void profile() throws IOException {
        ids = folder.resolve("ids.txt");
        Files.writeString(
                ids,
                new Random(5)
                        .ints(TOKENS + 1, 0, 4096)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(" ")));
        profile = folder.resolve("profile");
        profiled = Tilewright.run(arguments(profile).toArray());
        assertEquals(0, profiled.status(), profiled.err());
    }

    private static List<Object> arguments(Path out) {
        return List.of(
                "profile",
                MODEL,
                "--ids",
                ids,
                "--window",
                64,
                "--sensitivity",
                24,
                "--sensitivity-tokens",
                64,
                "--trial-tokens",
                64,
                "--threads",
                2,
                "--json",
                "-o",
                out);
    }

    private static JsonNode json(Result result) throws IOException {
        assertEquals(0, result.status(), result.err());
        return JSON.readTree(result.out());
    }

    private static List<String> refusal(int status, Object... arguments) {
        Result result = Tilewright.run(arguments);
        assertEquals(status, result.status(), result.err());
        assertEquals("", result.out());
        return result.complaints();
    }

    @Test
    void aProfileSaysWhatMatters() throws IOException {
        JsonNode answer = json(profiled);
        assertEquals(TOKENS, answer.get("tokens").asLong());
        assertEquals("sampled", answer.get("sensitivity").asText());
        assertEquals(6, answer.get("layers").size());
        double shares = 0;
        for (JsonNode layer : answer.get("layers")) {
            assertEquals(16, layer.get("experts").asInt());
            assertEquals(2, layer.get("experts_per_token").asInt());
            shares += layer.get("share").asDouble();
            double matrices = 0;
            for (String matrix : List.of("gate", "up", "down")) {
                matrices += layer.get("matrices").get(matrix).asDouble();
            }
            assertEquals(1, matrices, 1e-6);
            assertEquals(8, layer.get("costliest_experts").size());
        }
        assertEquals(1, shares, 1e-6);
        assertEquals(3, answer.get("trials").size());
        assertEquals(2.5, answer.get("trials").get(0).get("bits_per_weight").asDouble(), 0.01);
    }

    @Test
    void theTextsPerplexityIsTheOneOfThePerplexityCommand() throws IOException {
        JsonNode measured = json(Tilewright.run("perplexity", MODEL, "--ids", ids, "--window", 64, "--json"));
        JsonNode answer = json(profiled);
        assertEquals(measured.get("nll").asDouble(), answer.get("nll").asDouble(), 1e-3);
    }

    @Test
    void aSecondRunReadsNothingFromTheFirst() throws IOException {
        Path again = folder.resolve("again");
        json(Tilewright.run(arguments(again).toArray()));
        assertArrayEquals(Files.readAllBytes(profile), Files.readAllBytes(again));
        assertFalse(Files.exists(folder.resolve("again.partial")));
    }

    @Test
    void aKilledProcessIsContinuedToTheSameBytes() throws Exception {
        Path out = folder.resolve("killed");
        Path partial = folder.resolve("killed.partial");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        arguments(out).forEach(argument -> command.add(argument.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        while (process.isAlive() && !Files.exists(partial)) {
            process.waitFor(1, TimeUnit.MILLISECONDS);
        }
        process.destroyForcibly().waitFor();
        assertFalse(Files.exists(out));

        Result result = Tilewright.run(arguments(out).toArray());
        assertEquals(0, result.status(), result.err());
        assertFalse(result.err().contains("calibrate"), result.err());
        assertArrayEquals(Files.readAllBytes(profile), Files.readAllBytes(out));
        assertFalse(Files.exists(partial));
    }

    @ParameterizedTest
    @ValueSource(doubles = {3.0, 3.5})
    void aStoreHasAtMostTheBitsThatWereAllowed(double bits) throws IOException {
        Path store = folder.resolve("store" + bits);
        JsonNode answer = json(
                Tilewright.run("pack", MODEL, "--profile", profile, "--bits-per-weight", bits, "-o", store, "--json"));
        assertTrue(answer.get("complete").asBoolean());
        assertEquals(WEIGHTS, answer.get("weights").asLong());
        assertEquals(onDisk(store), answer.get("bytes").asLong());
        assertTrue(answer.get("bits_per_weight").asDouble() <= bits, answer::toString);
        assertTrue(answer.get("bits_per_weight").asDouble() > bits - 0.1, answer::toString);
        double own = json(Tilewright.run("perplexity", MODEL, "--ids", ids, "--window", 64, "--json"))
                .get("nll")
                .asDouble();
        double packed = json(Tilewright.run("perplexity", store, "--ids", ids, "--window", 64, "--json"))
                .get("nll")
                .asDouble();
        assertEquals(own, packed, 0.2);
        planForecastsWhatTheStoreThenSays(store, bits, answer.get("bytes").asLong(), own);
    }

    /** Bytes of a store's experts: their records and the index. */
    private static long onDisk(Path store) throws IOException {
        return Files.size(store.resolve("experts.bin")) + Files.size(store.resolve("experts.index"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ilp", "uniform", "edgemoe", "mc-moe"})
    void theBitsThatAreForetoldAreThoseOfTheFiles(String rule) throws IOException {
        Path store = folder.resolve("foretold-" + rule);
        Result result = Tilewright.run(
                "pack", MODEL, "--profile", profile, "--bits-per-weight", 3.7, "--allocator", rule, "-o", store);
        assertEquals(0, result.status(), result.err());
        String bits = String.format(Locale.ROOT, "%.3f bits per expert weight on disk", 8.0 * onDisk(store) / WEIGHTS);
        assertTrue(result.err().contains(rule + ": " + bits), result.err());
        assertTrue(result.out().contains(bits), result.out());
        assertTrue(8.0 * onDisk(store) / WEIGHTS <= 3.7, bits);
    }

    private static void planForecastsWhatTheStoreThenSays(Path store, double bits, long bytes, double own)
            throws IOException {
        JsonNode before = json(Tilewright.run(
                "plan", MODEL, "--profile", profile, "--bits-per-weight", bits, "--threads", 1, "--json"));
        JsonNode after = json(Tilewright.run("plan", store, "--threads", 1, "--json"));
        // The records' file begins with a page of its own; the index has 68 bytes and 40 for each expert.
        assertEquals(bytes - 4096 - 68 - 96 * 40, before.get("expert_bytes").asLong());
        assertEquals(
                before.get("expert_bytes").asDouble(), after.get("expert_bytes").asDouble(), 96 * 8192);
        JsonNode quality = before.get("quality");
        assertEquals("ilp", quality.get("allocator").asText());
        assertEquals(own, Math.log(quality.get("calibration_perplexity").asDouble()), 1e-3);
        assertTrue(quality.get("loss_increase").asDouble() > 0, quality::toString);
        assertEquals(
                Math.log(quality.get("perplexity").asDouble()),
                Math.log(quality.get("calibration_perplexity").asDouble())
                        + quality.get("loss_increase").asDouble(),
                1e-9);
        for (String key : List.of("bits_per_weight", "bits_by_use", "loss_increase")) {
            assertEquals(
                    quality.get(key).asDouble(), after.get("quality").get(key).asDouble(), 1e-6, key);
        }
        Result text = Tilewright.run("plan", store, "--threads", 1);
        assertTrue(text.out().contains("was packed by ilp at "), text.out());
        assertTrue(text.out().contains("on the calibration text"), text.out());
        assertEquals(
                List.of("tilewright: " + store + ": is packed already, so that its bits are chosen; plan it without"
                        + " --bits-per-weight, --bytes and --loss, or give the model that was packed"),
                refusal(2, "plan", store, "--profile", profile, "--bits-per-weight", "3"));
    }

    @Test
    void oneWidthForAllIsForecastToo() throws IOException {
        Path store = folder.resolve("uniform");
        json(Tilewright.run("pack", MODEL, "--profile", profile, "--bits", 4, "-o", store, "--json"));
        JsonNode quality =
                json(Tilewright.run("plan", store, "--threads", 1, "--json")).get("quality");
        assertEquals("uniform", quality.get("allocator").asText());
        assertTrue(quality.get("loss_increase").asDouble() > 0, quality::toString);
    }

    @Test
    void bytesAreALimitToo() throws IOException {
        Path store = folder.resolve("bytes");
        long bytes = 2 << 20;
        JsonNode answer =
                json(Tilewright.run("pack", MODEL, "--profile", profile, "--bytes", "2MiB", "-o", store, "--json"));
        assertTrue(answer.get("bytes").asLong() <= bytes, answer::toString);
        assertTrue(answer.get("bytes").asLong() > bytes - 100_000, answer::toString);
    }

    @Test
    void aBudgetTooSmallForAProfileIsRefusedBeforeItBegins() {
        Path out = folder.resolve("small");
        List<Object> arguments = new ArrayList<>(arguments(out));
        arguments.addAll(List.of("--memory", "1MiB"));
        List<String> refused = refusal(2, arguments.toArray());
        assertEquals(1, refused.size());
        assertTrue(
                refused.getFirst()
                        .matches(
                                "tilewright: .*: --memory is 1 MiB, the smallest budget that works is \\d+ MiB: .*"
                                        + " through which experts can be read; with smaller --moments and --rows less is enough"),
                refused::toString);
        assertFalse(Files.exists(out.resolveSibling("small.partial")));
    }

    @Test
    void aProfileWithinABudgetHasTheSameBytes() throws IOException {
        Path out = folder.resolve("budget");
        List<Object> arguments = new ArrayList<>(arguments(out));
        arguments.addAll(List.of("--memory", "8GiB"));
        Result result = Tilewright.run(arguments.toArray());
        assertEquals(0, result.status(), result.err());
        assertArrayEquals(Files.readAllBytes(profile), Files.readAllBytes(out));
        assertTrue(result.err().contains(" of 8192 MiB at most"), result.err());
    }

    /** A profile in a process of its own, with the launcher's heap for the budget. */
    private Result budgeted(Path out, String budget) throws Exception {
        List<Object> arguments = new ArrayList<>(arguments(out));
        arguments.addAll(List.of("--memory", budget));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC"));
        command.addAll(LauncherTest.profileFlags(budget));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        arguments.forEach(argument -> command.add(argument.toString()));
        Path said = folder.resolve("said");
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(said.toFile())
                .start();
        return new Result(process.waitFor(), "", Files.readString(said));
    }

    @Test
    void theSmallestBudgetThatARefusalNamesIsHeld() throws Exception {
        Path out = folder.resolve("smallest");
        String budget = "1MiB";
        Result result = budgeted(out, budget);
        // What every run needs is known first, and what this engine needs once it is there.
        for (int again = 0; again < 3 && result.status() == 2; again++) {
            Matcher named = Pattern.compile("the smallest budget that works is (\\d+) MiB")
                    .matcher(result.err());
            assertTrue(named.find(), result.err());
            budget = named.group(1) + "MiB";
            result = budgeted(out, budget);
        }
        assertEquals(0, result.status(), result.err());
        assertArrayEquals(Files.readAllBytes(profile), Files.readAllBytes(out));
        Matcher held = Pattern.compile("memory +(\\d+) of (\\d+) MiB at most").matcher(result.err());
        assertTrue(held.find(), result.err());
        assertEquals(budget, held.group(2) + "MiB");
        assertTrue(Integer.parseInt(held.group(1)) <= Integer.parseInt(held.group(2)), result.err());
    }

    @Test
    void aFinishedProfileIsLeftAloneUnlessItIsForced() throws IOException {
        Path out = folder.resolve("left-alone");
        Files.copy(profile, out);
        FileTime before = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(out, before);

        Result again = Tilewright.run(arguments(out).toArray());
        assertEquals(json(profiled).get("experts"), json(again).get("experts"));
        assertEquals(
                List.of(out
                        + ": the profile of this model, text and options was complete already; --force makes it anew"),
                again.err().lines().toList());
        assertEquals(before, Files.getLastModifiedTime(out));

        Result forced = Tilewright.run(with(arguments(out), "--force"));
        assertEquals(0, forced.status(), forced.err());
        assertNotEquals(before, Files.getLastModifiedTime(out));
        assertArrayEquals(Files.readAllBytes(profile), Files.readAllBytes(out));
    }

    @Test
    void aProfileOfOtherOptionsIsReplacedByForceOnly() throws IOException {
        Path out = folder.resolve("other");
        Files.copy(profile, out);
        Object[] other = with(arguments(out), "--tokens", 128);
        assertEquals(
                List.of("tilewright: " + out
                        + ": holds a profile of another model or text, or of other options; --force"
                        + " replaces it, -o names another place"),
                refusal(1, other));
        assertArrayEquals(Files.readAllBytes(profile), Files.readAllBytes(out));

        Result forced = Tilewright.run(with(List.of(other), "--force"));
        assertEquals(128, json(forced).get("tokens").asLong());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(
                    List.of(out),
                    left.filter(file -> file.getFileName().toString().startsWith("other"))
                            .toList());
        }
    }

    @Test
    void anUnfinishedProfileOfOtherOptionsIsReplacedByForceOnly() throws IOException {
        Path out = folder.resolve("unfinished");
        Path partial = folder.resolve("unfinished.partial");
        SafetensorsWriter.write(
                partial, Map.of("purpose", new SafetensorsWriter.Tensor(DType.F32, List.of(32L), () -> new float[32])));
        byte[] begun = Files.readAllBytes(partial);
        assertEquals(
                List.of("tilewright: " + partial
                        + ": a profile was begun of another model or text, or with other options;"
                        + " give the same to go on, or --force to begin again"),
                refusal(1, arguments(out).toArray()));
        assertArrayEquals(begun, Files.readAllBytes(partial));

        assertEquals(0, Tilewright.run(with(arguments(out), "--force")).status());
        assertArrayEquals(Files.readAllBytes(profile), Files.readAllBytes(out));
        assertFalse(Files.exists(partial));
    }

    @Test
    void aFileThatIsNoProfileIsNeverReplaced() throws IOException {
        Path out = folder.resolve("thesis");
        Files.writeString(out, "It was a dark and stormy night.");
        List<String> refused = List.of("tilewright: " + out
                + ": is there and is no profile that can be read; delete it, or name another file" + " with -o");
        assertEquals(refused, refusal(1, arguments(out).toArray()));
        assertEquals(refused, refusal(1, with(arguments(out), "--force")));
        assertEquals("It was a dark and stormy night.", Files.readString(out));
    }

    @Test
    void aDamagedProfileIsNoticedByAllThatReadIt() throws IOException {
        Path out = folder.resolve("damaged");
        byte[] bytes = Files.readAllBytes(profile);
        try (TensorSource source = Safetensors.open(profile)) {
            bytes[(int) source.info("layer1.input_moments").offset() + 2] ^= 0x10;
        }
        Files.write(out, bytes);
        String damage =
                "tilewright: " + out + ": tensor 'layer1.input_moments', expert 0: its bytes are not those that were"
                        + " written (CRC32C); make the profile again";
        Path store = folder.resolve("of-damaged");

        assertEquals(List.of(damage), refusal(1, "pack", MODEL, "--profile", out, "--bits", 4, "-o", store));
        assertEquals(
                List.of(damage + " with --force"), refusal(1, arguments(out).toArray()));
        assertFalse(Files.exists(store));
        assertEquals(0, Tilewright.run(with(arguments(out), "--force")).status());
        assertArrayEquals(Files.readAllBytes(profile), Files.readAllBytes(out));
    }

    private static Object[] with(List<Object> arguments, Object... more) {
        List<Object> all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return all.toArray();
    }

    static Stream<Arguments> misuses() {
        return Stream.of(
                Arguments.of(
                        List.of("profile", "MODEL", "-o", "x"),
                        "tilewright: give either --text FILE or --ids FILE; see 'tilewright profile --help'"),
                Arguments.of(
                        List.of("profile", "MODEL", "--ids", "IDS", "-o", "x", "--window", "0"),
                        "tilewright: --window is 0, expected at least 1; see 'tilewright profile --help'"),
                Arguments.of(
                        List.of("profile", "MODEL", "--ids", "IDS", "-o", "x", "--sensitivity", "rows"),
                        "tilewright: Invalid value for option '--sensitivity': is 'rows', expected matrix, expert, layer,"
                                + " sampled, none or a number of groups; see 'tilewright profile --help'"),
                Arguments.of(
                        List.of("profile", "MODEL", "--ids", "IDS", "-o", "x", "--memory", "much"),
                        "tilewright: Invalid value for option '--memory': is 'much', expected a size such as 3GiB or 1500MiB;"
                                + " see 'tilewright profile --help'"),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x"),
                        "tilewright: give --bits N, --bits as-stored, or --profile FILE and --bits-per-weight N; see"
                                + " 'tilewright pack --help'"),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x", "--bits-per-weight", "3"),
                        "tilewright: --bits-per-weight, --bytes and --loss need --profile FILE; make one with profile; see"
                                + " 'tilewright pack --help'"),
                Arguments.of(
                        List.of("plan", "MODEL", "--bits-per-weight", "3"),
                        "tilewright: --bits-per-weight, --bytes and --loss need --profile FILE; make one with profile; see"
                                + " 'tilewright plan --help'"),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x", "--profile", "PROFILE", "--bits", "4", "--bytes", "9"),
                        "tilewright: give one of --bits, --bits-per-weight, --bytes and --loss, not several; see"
                                + " 'tilewright pack --help'"),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x", "--profile", "PROFILE", "--bits-per-weight", "NaN"),
                        "tilewright: --bits-per-weight is NaN, expected a number above 0; see 'tilewright pack --help'"),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x", "--profile", "PROFILE", "--loss", "-1"),
                        "tilewright: --loss is -1.0, expected a number above 0; see 'tilewright pack --help'"),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x", "--profile", "PROFILE", "--bytes", "much"),
                        "tilewright: Invalid value for option '--bytes': is 'much', expected a size such as 3GiB or"
                                + " 1500MiB; see 'tilewright pack --help'"),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x", "--bits", "4", "--allocator", "uniform"),
                        "tilewright: --allocator shares out what --bits-per-weight, --bytes or --loss allow; give one of"
                                + " them; see 'tilewright pack --help'"),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x", "--bits", "4", "--threads", "two"),
                        "tilewright: Invalid value for option '--threads': 'two' is no whole number, or too large; see"
                                + " 'tilewright pack --help'"),
                Arguments.of(
                        List.of("plan", "MODEL", "--memory", "1GiB", "--adapt"),
                        "tilewright: --adapt cannot be given: plan forecasts exact runs that read as much at a time as is of"
                                + " use; see 'tilewright plan --help'"),
                Arguments.of(
                        List.of("perplexity", "MODEL", "--ids", "IDS", "--lanes", "2"),
                        "tilewright: --lanes is about experts on demand, expected --memory SIZE with it; see 'tilewright"
                                + " perplexity --help'"),
                Arguments.of(
                        List.of("run", "MODEL", "--prompt", "a", "--no-prefetch"),
                        "tilewright: --no-prefetch is about experts on demand, expected --memory SIZE with it; see"
                                + " 'tilewright run --help'"));
    }

    @ParameterizedTest
    @MethodSource("misuses")
    void misuseIsNamed(List<String> arguments, String message) {
        assertEquals(List.of(replaced(message)), refusal(2, replaced(arguments)));
    }

    static Stream<Arguments> impossible() {
        String least =
                " is too little for these experts: at 2 bits they take 1580868 bytes on disk (2.680 bits per weight)"
                        + " with scales, padding and index; allow more";
        return Stream.of(
                Arguments.of(
                        List.of("profile", "MODEL", "--ids", "IDS", "-o", "x", "--sensitivity", "23"),
                        "tilewright: MODEL: --sensitivity is 23, but its sensitivity takes at least 24 groups"),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x", "--profile", "PROFILE", "--bits-per-weight", "2"),
                        "tilewright: --bits-per-weight 2.0" + least),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x", "--profile", "PROFILE", "--bytes", "1MiB"),
                        "tilewright: --bytes 1048576" + least));
    }

    @ParameterizedTest
    @MethodSource("impossible")
    void anOptionThatModelOrProfileDoNotAllowIsMisuse(List<String> arguments, String message) {
        assertEquals(List.of(replaced(message)), refusal(2, replaced(arguments)));
        assertFalse(Files.exists(Path.of("x")));
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(
                        List.of("profile", "MODEL", "--ids", "IDS", "-o", "x", "--window", "400"),
                        "tilewright: IDS: holds 257 tokens, a window of 400 needs at least 401; give more text or a smaller"
                                + " --window"),
                Arguments.of(
                        List.of("profile", "MODEL", "--ids", "IDS", "-o", "FOLDER"),
                        "tilewright: FOLDER: is a folder; name a file for the profile"),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x", "--profile", "IDS", "--bits-per-weight", "3"),
                        "tilewright: IDS: "),
                Arguments.of(
                        List.of("pack", "MODEL", "-o", "x", "--profile", "absent", "--bits-per-weight", "3"),
                        "tilewright: absent: there is no such file; make one with tilewright profile"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whatCannotBeDoneIsRefused(List<String> arguments, String message) {
        List<String> complaints = refusal(1, replaced(arguments));
        assertEquals(1, complaints.size());
        assertTrue(complaints.getFirst().startsWith(replaced(message)), complaints::toString);
        assertFalse(Files.exists(Path.of("x")));
    }

    private static String replaced(String text) {
        return text.replace("MODEL", MODEL.toString())
                .replace("IDS", ids.toString())
                .replace("FOLDER", folder.toString())
                .replace("PROFILE", profile.toString());
    }

    private static Object[] replaced(List<String> arguments) {
        return arguments.stream().map(ProfileAndPackTest::replaced).toArray();
    }
}
