package tilewright.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.sim.CppCompiler;
import tilewright.sim.SimulationException;
import tilewright.tests.Tilewright.Result;

/** A build directory from outside: what compile leaves, what verify says about it, and what neither touches. */
class BuildTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path shared;

    private static Path model;
    private static Path build;
    private static JsonNode compiled;

    @TempDir
    Path folder;

    @BeforeAll
    static void compileASmallModel() throws IOException {
        model = shared.resolve("model");
        build = shared.resolve("build");
        assertEquals(0, Tilewright.run("random-model", "tiny", "-o", model).status());
        Result result = Tilewright.run("compile", model, "--board", "pynq-z2", "-o", build, "--json");
        assertEquals(0, result.status(), result.err());
        compiled = JSON.readTree(result.out());
    }

    private static Map<String, String> contents(Path root) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(
                        root.relativize(file).toString(),
                        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return contents;
    }

    /** A copy of the build, to be damaged. */
    private Path copy() throws IOException {
        Path copy = folder.resolve("copy");
        for (String name : contents(build).keySet()) {
            Files.createDirectories(copy.resolve(name).getParent());
            Files.copy(build.resolve(name), copy.resolve(name));
        }
        return copy;
    }

    @Test
    void compileSaysWhatItEstimates() {
        assertEquals("pynq-z2", compiled.get("board").textValue());
        assertEquals(8, compiled.get("bits").intValue());
        assertEquals("[\"digit\",\"edge\"]", compiled.get("tasks").toString());
        assertTrue(compiled.get("cycles_estimated").longValue() > 0);
        // DS190: the XC7Z020 has 220 DSP slices.
        assertTrue(compiled.get("dsp_estimated").intValue() <= 220, compiled.toString());
        double fraction = compiled.get("bound_fraction").doubleValue();
        assertTrue(fraction > 0 && fraction <= 1, compiled.toString());
        assertEquals(1, compiled.get("warnings").size(), "synthetic images are not used silently");
    }

    @Test
    void theBuildHoldsWhatTheDesignDocumentLists() throws IOException {
        assertTrue(
                contents(build).keySet().containsAll(List.of("build.json", "graph.txt", "plan.json", "report.html")));
        assertTrue(contents(build).keySet().stream().anyMatch(name -> name.startsWith("hls/")));
    }

    @Test
    void theSameInputsGiveTheSameBytes() throws IOException {
        Path again = folder.resolve("again");
        Tilewright.run("compile", model, "--board", "pynq-z2", "-o", again);

        assertEquals(contents(build), contents(again));
    }

    @Test
    void aBuildIsReplacedOnlyByForce() throws IOException {
        Path copy = copy();
        Map<String, String> before = contents(copy);

        Result refused = Tilewright.run("compile", model, "--board", "zcu104", "-o", copy);

        assertEquals(1, refused.status());
        assertEquals(
                List.of("tilewright: " + copy + ": the output folder is not empty; --force replaces the build in it"),
                refused.complaints());
        assertEquals(before, contents(copy));

        Result replaced = Tilewright.run("compile", model, "--board", "zcu104", "-o", copy, "--force", "--json");

        assertEquals(0, replaced.status(), replaced.err());
        assertEquals("zcu104", JSON.readTree(replaced.out()).get("board").textValue());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(copy), left.toList(), "nothing is left beside the build");
        }
    }

    @Test
    void oneTaskAloneCanBeCompiled() throws IOException {
        Result result = Tilewright.run(
                "compile", model, "--board", "zcu102", "-o", folder.resolve("edge"), "--task", "edge", "--json");

        assertEquals(0, result.status(), result.err());
        assertEquals("[\"edge\"]", JSON.readTree(result.out()).get("tasks").toString());
    }

    @Test
    void evalRunsTheIntegersOfABuild() throws IOException {
        Result result = Tilewright.run("run", build, "--image", build.resolve("images.png"), "--json");
        assertEquals(1, result.status(), "there is no such image");

        Path image = folder.resolve("images-idx3-ubyte");
        Files.write(image, new byte[] {0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 12});
        byte[] pixels = new byte[8 * 12];
        Files.write(image, pixels, java.nio.file.StandardOpenOption.APPEND);

        JsonNode answer = JSON.readTree(
                Tilewright.run("eval", build, "--data", image, "--json").out());

        assertEquals("integer", answer.get("engine").textValue());
        assertEquals(1, answer.get("count").intValue());
        assertEquals("[6,4]", answer.get("outputs").get("edge").get("shape").toString());
        JsonNode real = JSON.readTree(Tilewright.run("eval", build, "--data", image, "--engine", "float", "--json")
                .out());
        assertEquals("float", real.get("engine").textValue());
        assertEquals(
                real.get("outputs").get("digit").get("mean").doubleValue(),
                answer.get("outputs").get("digit").get("mean").doubleValue(),
                0.2);
    }

    @Test
    void verifyFindsEveryBitEqual() throws IOException {
        assumeCompiler();
        Path copy = copy();

        Result result = Tilewright.run("verify", copy, "--images", 2, "--blocks", "--json");

        assertEquals(0, result.status(), result.err());
        JsonNode answer = JSON.readTree(result.out());
        assertTrue(answer.get("agrees").booleanValue());
        assertEquals(0, answer.get("mismatches").longValue());
        assertEquals(2, answer.get("count").intValue());
        assertEquals(compiled.get("cycles_estimated"), answer.get("cycles_estimated"));
        assertEquals(compiled.get("dsp_estimated"), answer.get("dsp_estimated"));
        JsonNode digit = answer.get("tasks").get(0);
        assertEquals("digit", digit.get("task").textValue());
        assertEquals(2 * 3, digit.get("values").longValue());
        List<String> blocks = digit.get("blocks").findValuesAsText("block");
        assertEquals(List.of("embed", "block0", "block1"), blocks);
    }

    @Test
    void verifyRefusesABuildThatWasChanged() throws IOException {
        Path copy = copy();
        Path source;
        try (Stream<Path> files = Files.walk(copy.resolve("hls"))) {
            source = files.filter(file -> file.toString().endsWith(".cpp"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
        Files.writeString(source, Files.readString(source) + "// edited\n");

        Result result = Tilewright.run("verify", copy);

        assertEquals(1, result.status());
        assertEquals(
                List.of("tilewright: " + copy + ": 1 file is missing or changed since the build: "
                        + copy.relativize(source) + "; compile the model again"),
                result.complaints());
    }

    @Test
    void verifySaysWhenThereAreTooFewImages() {
        assumeCompiler();

        Result result = Tilewright.run("verify", build, "--images", 1000);

        assertEquals(2, result.status());
        assertEquals(
                List.of("tilewright: " + build.resolve("images.bin")
                        + ": holds 8 images, 1000 were asked for; give more with --data FILE"),
                result.complaints());
    }

    private static void assumeCompiler() {
        try {
            CppCompiler.find();
        } catch (SimulationException e) {
            assumeTrue(false, e.getMessage());
        }
    }
}
