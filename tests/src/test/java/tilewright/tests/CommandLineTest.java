package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.tests.Tilewright.Result;

/** What scripts rely on: exit codes, the two streams, the keys of the JSON objects. */
class CommandLineTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    /** The only line of standard output, as an object. */
    private static JsonNode json(Result result) throws Exception {
        assertEquals(0, result.status(), result.err());
        List<String> lines = result.out().lines().toList();
        assertEquals(1, lines.size(), result.out());
        return JSON.readTree(lines.getFirst());
    }

    private static List<String> keys(JsonNode object) {
        List<String> keys = new ArrayList<>();
        object.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    @Test
    void versionIsOneLineOnStandardOutput() {
        Result result = Tilewright.run("--version");

        assertEquals(0, result.status());
        assertTrue(result.out().matches("tilewright \\d+\\.\\d+\\.\\d+ \\(Java \\d+\\)\\R"), result.out());
        assertEquals("", result.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "boards",
                "inspect",
                "eval",
                "run",
                "compile",
                "verify",
                "random-model",
                "bench",
                "perplexity",
                "tokenize",
                "logits",
                "wave",
                "profile",
                "pack",
                "plan",
                "doctor"
            })
    void helpGoesToStandardOutput(String command) {
        Result result = command.isEmpty() ? Tilewright.run("--help") : Tilewright.run(command, "--help");

        assertEquals(0, result.status());
        assertTrue(result.out().startsWith("Usage: tilewright"), result.out());
        assertEquals("", result.err());
    }

    @Test
    void helpOfRunShowsOptionsByWhatTheyAreFor() {
        List<String> lines = Tilewright.run("run", "--help").out().lines().toList();
        List<String> found = new ArrayList<>();
        for (String line : lines.subList(lines.indexOf("What to run, one of:"), lines.size())) {
            if (line.endsWith(":") && !line.startsWith(" ")) {
                found.add(line);
            } else {
                Matcher option =
                        Pattern.compile("^ {2,6}(?:-\\w, )?(--[a-z-]+)").matcher(line);
                if (option.find()) {
                    found.add(option.group(1));
                }
            }
        }
        assertEquals(
                List.of(
                        "What to run, one of:",
                        "--chat",
                        "--image",
                        "--prompt",
                        "Images:",
                        "--engine",
                        "--index",
                        "--task",
                        "Texts, what is read and written:",
                        "--context",
                        "--tokens",
                        "--raw",
                        "--system",
                        "Texts, how tokens are chosen:",
                        "--frequency-penalty",
                        "--min-p",
                        "--presence-penalty",
                        "--repeat-penalty",
                        "--seed",
                        "--stop",
                        "--temperature",
                        "--top-k",
                        "--top-p",
                        "Texts, how they are computed:",
                        "--activations",
                        "--cache",
                        "--kernels",
                        "--threads",
                        "Texts, experts on demand:",
                        "--adapt",
                        "--lanes",
                        "--memory",
                        "--no-prefetch",
                        "--report",
                        "And:",
                        "--help",
                        "--json"),
                found);
        assertEquals("Usage: tilewright run MODEL --prompt TEXT|--chat [OPTIONS OF TEXTS]", lines.get(0));
        assertEquals("       tilewright run MODEL --image FILE [OPTIONS OF IMAGES]", lines.get(1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | no command given; see 'tilewright --help'",
                "bords | unknown command 'bords', expected one of boards, inspect, compile, verify, eval, run, bench,"
                        + " profile, perplexity, tokenize, logits, random-model, wave, pack, plan, doctor, generate-completion; did you mean 'boards'? See 'tilewright --help'",
                "boards extra | unexpected argument 'extra'; see 'tilewright boards --help'",
                "boards --jsn | unknown option '--jsn'; did you mean '--json'? See 'tilewright boards --help'",
                "inspect | Missing required parameter: 'MODEL'; see 'tilewright inspect --help'",
                "eval model | Missing required option: '--data=FILE'; see 'tilewright eval --help'",
                "eval model --data x --limit 0 | --limit is 0, expected at least 1; see 'tilewright eval --help'",
                "eval model --data x --limit many | Invalid value for option '--limit': 'many' is no whole number, or too large;"
                        + " see 'tilewright eval --help'",
                "eval model --data x --engine gpu | Invalid value for option '--engine': is 'gpu', expected float or"
                        + " integer; see 'tilewright eval --help'"
            })
    void misuseIsOneLineAndExitCodeTwo(String arguments, String message) {
        Result result = Tilewright.run((Object[]) (arguments.isEmpty() ? new String[0] : arguments.split(" ")));

        assertEquals(List.of("tilewright: " + message), result.err().lines().toList());
        assertEquals(2, result.status());
        assertEquals("", result.out());
    }

    @Test
    void boardsListsTheBundledOnes() throws Exception {
        JsonNode boards = json(Tilewright.run("boards", "--json")).get("boards");

        List<String> names = names(boards);
        assertTrue(names.containsAll(List.of("zcu102", "kv260", "alveo-u280", "icebreaker")), names.toString());
        JsonNode zcu102 = boards.get(names.indexOf("zcu102"));
        // DS891, ZU9EG.
        assertEquals(2520, zcu102.get("dsp").intValue());
        assertEquals(274_080, zcu102.get("lut").intValue());
        assertEquals("fpga", zcu102.get("kind").textValue());
    }

    private static List<String> names(JsonNode boards) {
        List<String> names = new ArrayList<>();
        boards.forEach(board -> names.add(board.get("name").textValue()));
        return names;
    }

    @Test
    void boardsAsTextNamesEachBoardOnALine() {
        Result result = Tilewright.run("boards");

        assertEquals(0, result.status());
        assertTrue(result.out().lines().anyMatch(line -> line.startsWith("zcu102 ")), result.out());
        assertEquals("", result.err());
    }

    @Test
    void inspectCountsTheExample() throws Exception {
        JsonNode answer = json(Tilewright.run("inspect", Tilewright.example(), "--json"));

        assertEquals("vit_moe_multitask", answer.get("family").textValue());
        // results.json of the training.
        assertEquals(1_249_658, answer.get("parameters").longValue());
        assertEquals("[\"digit\",\"edge\"]", answer.get("tasks").toString());
        assertEquals("{\"digit\":[10],\"edge\":[49,16]}", answer.get("outputs").toString());
        assertEquals(268, answer.get("tensors").get("F32").get("count").intValue());
        JsonNode router = answer.get("layers").get(2).get("router");
        assertEquals(16, router.get("experts").intValue());
        assertEquals(2, router.get("top_k").intValue());
        assertEquals(0, answer.get("warnings").size());
    }

    @Test
    void inspectCountsTheShapeOfEdgeMoe() throws Exception {
        Path model = folder.resolve("edge-moe");
        assertEquals(0, Tilewright.run("random-model", "edge-moe", "-o", model).status());

        JsonNode answer = json(Tilewright.run("inspect", model, "--json"));

        // arXiv 2305.18691: 17.98 M parameters, 782.7 M multiply-accumulates per image and task.
        assertEquals(17.98e6, answer.get("parameters").doubleValue(), 0.01e6);
        assertEquals(782.7e6, answer.get("macs_per_image").doubleValue(), 0.1e6);
    }

    @Test
    void aSeedDecidesTheBytesOfARandomModel() throws Exception {
        Tilewright.run("random-model", "tiny", "-o", folder.resolve("a"), "--seed", "7");
        Tilewright.run("random-model", "tiny", "-o", folder.resolve("b"), "--seed", "7");
        Tilewright.run("random-model", "tiny", "-o", folder.resolve("c"), "--seed", "8");

        Path a = folder.resolve("a/model.safetensors");
        assertEquals(-1, Files.mismatch(a, folder.resolve("b/model.safetensors")));
        assertTrue(Files.mismatch(a, folder.resolve("c/model.safetensors")) >= 0);
    }

    @Test
    void evalCountsTheDrawnDigits() throws Exception {
        Result result = Tilewright.run(
                "eval", Tilewright.example(), "--data", Tilewright.drawnDigits(), "--limit", "32", "--json");

        JsonNode answer = json(result);
        assertEquals(32, answer.get("count").intValue());
        assertEquals(32, answer.get("correct").intValue());
        assertEquals(1.0, answer.get("accuracy").doubleValue());
        assertEquals("float", answer.get("engine").textValue());
        assertEquals(List.of("digit", "edge"), keys(answer.get("outputs")));
        assertTrue(result.err().contains("eval: 32 of 32"), result.err());
    }

    @Test
    void evalOfOneTaskLeavesTheOthersOut() throws Exception {
        JsonNode answer = json(Tilewright.run(
                "eval",
                Tilewright.example(),
                "--data",
                Tilewright.drawnDigits(),
                "--limit",
                "2",
                "--task",
                "edge",
                "--json"));

        assertEquals(List.of("edge"), keys(answer.get("outputs")));
        assertEquals("[49,16]", answer.get("outputs").get("edge").get("shape").toString());
        assertEquals(null, answer.get("accuracy"));
    }

    @Test
    void runNamesTheDigitAndDrawsItsEdges() {
        Result result =
                Tilewright.run("run", Tilewright.example(), "--image", Tilewright.drawnDigits(), "--index", "4");

        assertEquals(0, result.status(), result.err());
        List<String> lines = result.out().lines().toList();
        assertEquals("digit:", lines.getFirst());
        assertTrue(lines.get(1).matches(" {2}4 .*%"), lines.get(1));
        // Five digits, the other task's title, one line per row of pixels.
        assertEquals(1 + 5 + 1 + 28, lines.size(), result.out());
    }

    @Test
    void runAsJsonGivesTheOutputs() throws Exception {
        JsonNode answer = json(Tilewright.run(
                "run", Tilewright.example(), "--image", Tilewright.drawnDigits(), "--index", "4", "--json"));

        JsonNode digit = answer.get("outputs").get("digit");
        assertEquals(4, digit.get("label").intValue());
        assertEquals(10, digit.get("output").size());
        assertEquals(5, digit.get("top").size());
        assertEquals(784, answer.get("outputs").get("edge").get("output").size());
    }

    @Test
    void completionScriptKnowsTheCommands() {
        Result result = Tilewright.run("generate-completion");

        assertEquals(0, result.status());
        assertTrue(result.out().contains("complete -F _complete_tilewright"), "no completion function");
        assertTrue(result.out().contains("random-model"), "no commands");
    }
}
