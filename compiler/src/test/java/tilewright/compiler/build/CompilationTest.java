package tilewright.compiler.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.CompileException;
import tilewright.compiler.OptionException;
import tilewright.compiler.Progress;
import tilewright.compiler.SharedData;
import tilewright.compiler.plan.DoesNotFitException;
import tilewright.hw.program.TaskProgram;

/** Build directories: what lies in them, what they say about it, and what compiling leaves alone. */
class CompilationTest {
    private static final Set<String> REQUIRED = Set.of(
            "build.json",
            "calibration.txt",
            "graph.txt",
            "plan.json",
            "program.bin",
            "images.bin",
            "report.json",
            "report.html",
            "hls/src/top.cpp",
            "hls/src/top.hpp");

    @TempDir
    static Path shared;

    private static Path model;
    private static Path build;
    private static Compilation compilation;

    @TempDir
    Path folder;

    @BeforeAll
    static void compileTiny() {
        model = Builds.tiny(shared.resolve("model"));
        build = shared.resolve("build");
        compilation = Compilation.run(Builds.options(model, build, 8), Progress.NONE);
    }

    private static List<String> below(Path folder) throws IOException {
        try (Stream<Path> content = Files.list(folder)) {
            return content.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void everyFileIsListedWithItsSizeAndDigest() throws IOException {
        Map<String, String> contents = Builds.contents(build);
        assertTrue(contents.keySet().containsAll(REQUIRED), contents.keySet()::toString);
        Set<String> expected = new TreeSet<>(contents.keySet());
        // The manifest cannot list itself, and verification rewrites the report.
        expected.removeAll(List.of("build.json", "report.html"));
        List<String> listed = new ArrayList<>();
        for (JsonNode artefact : Builds.manifest(build).get("artefacts")) {
            String path = artefact.get("path").textValue();
            listed.add(path);
            assertEquals(contents.get(path), artefact.get("sha256").textValue(), path);
            assertEquals(Files.size(build.resolve(path)), artefact.get("bytes").longValue(), path);
        }
        assertEquals(List.copyOf(expected), listed, "all of them, in alphabetical order");
    }

    @Test
    void theManifestSaysWhereTheBuildComesFrom() throws IOException, NoSuchAlgorithmException {
        JsonNode manifest = Builds.manifest(build);

        assertEquals(model.toAbsolutePath().toString(), manifest.get("model").textValue());
        assertEquals("vit_moe_multitask", manifest.get("family").textValue());
        assertEquals("zcu102", manifest.get("board").textValue());
        assertEquals(8, manifest.get("bits").intValue());
        assertEquals("[\"digit\",\"edge\"]", manifest.get("tasks").toString());
        assertEquals("synthetic images", manifest.get("calibration").textValue());
        assertEquals(
                "{\"count\":8,\"channels\":1,\"height\":8,\"width\":12,\"labels\":[]}",
                manifest.get("images").toString());
        assertTrue(manifest.get("boardSha256").textValue().matches("[0-9a-f]{64}"));
        // Names and contents of config.json and model.safetensors.
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (String name : List.of("config.json", "model.safetensors")) {
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(model.resolve(name)));
        }
        assertEquals(
                HexFormat.of().formatHex(digest.digest()),
                manifest.get("modelSha256").textValue());
    }

    @Test
    void aBuildOpensAsItWasMade() throws IOException {
        BuildDirectory opened = BuildDirectory.open(build);

        assertEquals(8, opened.program().format().activationBits());
        assertEquals(
                List.of("digit", "edge"),
                opened.program().tasks().stream().map(TaskProgram::task).toList());
        assertEquals(compilation.plan().parameters(), opened.manifest().parameters());
        assertEquals(8, opened.images().count());
        assertFalse(opened.images().labelled());
        byte[] pixels = Files.readAllBytes(build.resolve("images.bin"));
        assertEquals(8 * 8 * 12, pixels.length);
        ByteArrayOutputStream images = new ByteArrayOutputStream();
        for (int i = 0; i < 8; i++) {
            images.writeBytes(opened.images().image(i));
        }
        assertTrue(Arrays.equals(pixels, images.toByteArray()));
    }

    @Test
    void madeUpImagesAreNamedInAWarning() {
        assertEquals(
                List.of("no calibration images were given and none lie in the model's folder: 8 synthetic images were"
                        + " used; give real ones with --calibrate"),
                compilation.warnings());
        assertEquals(8, compilation.quantised().images());
    }

    @Test
    void theGraphOfEveryTaskIsPrinted() throws IOException {
        String graphs = Files.readString(build.resolve("graph.txt"));

        assertTrue(graphs.contains("# task digit\n"), graphs);
        assertTrue(graphs.contains("# task edge\n"), graphs);
    }

    @Test
    void theExampleIsCalibratedWithTheImagesInItsFolder() throws IOException {
        Path example = SharedData.repository("examples/vit-moe-mnist");
        Path output = folder.resolve("digits");
        CompileOptions options = new CompileOptions(example, "zcu102", output, null, 8, null, 6, false);

        Compilation compiled = Compilation.run(options, Progress.NONE);

        assertEquals(List.of(), compiled.warnings());
        assertTrue(Builds.contents(output).keySet().containsAll(REQUIRED));
        JsonNode manifest = Builds.manifest(output);
        assertTrue(manifest.get("calibration").textValue().startsWith(example.toString()), manifest::toString);
        assertEquals(6, manifest.get("images").get("count").intValue());
        assertEquals(6, manifest.get("images").get("labels").size());
        assertEquals(6 * 28 * 28, Files.size(output.resolve("images.bin")));
        BuildDirectory opened = BuildDirectory.open(output);
        assertTrue(opened.images().labelled());
        assertEquals(50, opened.program().residual().tokens());
        assertEquals(96, opened.program().residual().features());

        Path again = folder.resolve("again");
        Compilation.run(new CompileOptions(example, "zcu102", again, null, 8, null, 6, false), Progress.NONE);
        assertEquals(Builds.contents(output), Builds.contents(again), "the same bytes");
    }

    @Test
    void oneTaskAloneIsCompiledWithoutTheOthers() throws IOException {
        Path output = folder.resolve("edge");
        Compilation.run(new CompileOptions(model, "zcu102", output, "edge", 16, null, 3, false), Progress.NONE);
        BuildDirectory opened = BuildDirectory.open(output);

        assertEquals(List.of("edge"), opened.manifest().tasks());
        assertEquals(1, opened.program().tasks().size());
        assertEquals(16, opened.program().format().activationBits());
        assertEquals(3, opened.images().count(), "--limit counts synthetic images too");
        assertFalse(Files.readString(output.resolve("graph.txt")).contains("# task digit"));
    }

    @Test
    void anUnknownTaskIsNamedWithTheOthers() {
        CompileOptions options =
                new CompileOptions(model, "zcu102", folder.resolve("out"), "edges", 8, null, null, false);

        assertEquals(
                "model 'vit_moe_multitask' has no task 'edges'; it has digit, edge; did you mean 'edge'?",
                assertThrows(OptionException.class, () -> Compilation.run(options, Progress.NONE))
                        .getMessage());
    }

    @Test
    void anEmptyFolderIsFilled() throws IOException {
        Path output = Files.createDirectory(folder.resolve("empty"));

        Compilation.run(Builds.options(model, output, 8), Progress.NONE);

        assertTrue(BuildDirectory.is(output));
        assertEquals(List.of("empty"), below(folder));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFolderWithOtherThingsIsNeverReplaced(boolean force) throws IOException {
        Path output = Files.createDirectory(folder.resolve("thesis"));
        Files.writeString(output.resolve("chapter1.txt"), "It was a dark and stormy night.");
        CompileOptions options = Builds.options(model, output, 8);

        assertEquals(
                output + ": the output folder is not empty and is no build directory; choose another folder",
                assertThrows(
                                CompileException.class,
                                () -> Compilation.run(force ? Builds.forced(options) : options, Progress.NONE))
                        .getMessage());
        assertEquals(List.of("chapter1.txt"), below(output));
    }

    @Test
    void aFileIsNeverReplaced() throws IOException {
        Path output = Files.writeString(folder.resolve("file"), "here");

        assertEquals(
                output + ": is a file; choose another output folder",
                assertThrows(
                                CompileException.class,
                                () -> Compilation.run(Builds.forced(Builds.options(model, output, 8)), Progress.NONE))
                        .getMessage());
    }

    @Test
    void anEarlierBuildIsReplacedByForceOnly() throws IOException {
        Path output = Builds.copy(build, folder.resolve("build"));
        Map<String, String> before = Builds.contents(output);
        CompileOptions options = Builds.options(model, output, 16);

        assertEquals(
                output + ": the output folder is not empty; --force replaces the build in it",
                assertThrows(CompileException.class, () -> Compilation.run(options, Progress.NONE))
                        .getMessage());
        assertEquals(before, Builds.contents(output));

        Files.writeString(output.resolve("notes.txt"), "of the earlier build");
        Compilation.run(Builds.forced(options), Progress.NONE);

        assertEquals(16, BuildDirectory.open(output).manifest().bits());
        assertFalse(Files.exists(output.resolve("notes.txt")), "nothing of the earlier build is left");
        assertEquals(List.of("build"), below(folder));
    }

    @ParameterizedTest
    @CsvSource({"calibrate, 1", "plan, 1", "write, 1", "write, 3"})
    void aFailureHalfWayLeavesTheEarlierBuildAndNothingElse(String stage, long step) throws IOException {
        Path output = Builds.copy(build, folder.resolve("build"));
        Map<String, String> before = Builds.contents(output);
        Progress failing = (what, done, total) -> {
            if (what.equals(stage) && done >= step) {
                throw new IllegalStateException("power cut at " + what);
            }
        };

        assertThrows(
                IllegalStateException.class,
                () -> Compilation.run(Builds.forced(Builds.options(model, output, 16)), failing));
        assertThrows(
                IllegalStateException.class,
                () -> Compilation.run(Builds.options(model, folder.resolve("other"), 16), failing));

        assertEquals(before, Builds.contents(output));
        assertEquals(List.of("build"), below(folder));
    }

    @Test
    void aBoardThatIsTooSmallIsRefusedWithNumbersAndTheNearestFit() throws IOException {
        CompileOptions options =
                new CompileOptions(model, "icebreaker", folder.resolve("out"), null, 8, null, null, false);
        String message = assertThrows(DoesNotFitException.class, () -> Compilation.run(options, Progress.NONE))
                .getMessage();

        // The iCE40UP5K has 5280 LUTs and 8 DSPs (Lattice FPGA-DS-02008).
        assertTrue(
                message.matches("vit_moe_multitask at 8 bits does not fit icebreaker: the smallest design needs .*"
                        + "\\(\\d+, it has 8\\).*\\(\\d+, it has 5280\\).*; the smallest bundled board that it fits is"
                        + " .*"),
                message);
        assertEquals(List.of(), below(folder));
    }

    @Test
    void aBoardThatIsNoFpgaIsRefusedBeforeAnyWork() throws IOException {
        CompileOptions options = new CompileOptions(
                folder.resolve("no model"), "jetson-orin-nano-8gb", folder.resolve("out"), null, 8, null, null, false);
        String message = assertThrows(OptionException.class, () -> Compilation.run(options, Progress.NONE))
                .getMessage();

        assertTrue(
                message.startsWith("jetson-orin-nano-8gb is a gpu and the HLS flow needs an FPGA; FPGA boards are"),
                message);
        assertEquals(List.of(), below(folder));
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void theSameInputsGiveTheSameBytesInEveryFile(int bits) {
        Path one = folder.resolve("one");
        Path other = folder.resolve("other");
        Compilation.run(Builds.options(model, one, bits), Progress.NONE);
        Compilation.run(Builds.options(model, other, bits), Progress.NONE);

        assertEquals(Builds.contents(one), Builds.contents(other));
        if (bits == 8) {
            assertEquals(Builds.contents(build), Builds.contents(one), "the first build of this process");
        }
    }

    @Test
    void anotherWidthIsAnotherDesign() throws IOException {
        Path output = folder.resolve("wide");
        Compilation.run(Builds.options(model, output, 16), Progress.NONE);

        assertNotEquals(
                Builds.contents(build).get("program.bin"),
                Builds.contents(output).get("program.bin"));
        assertEquals(
                Builds.manifest(build).get("modelSha256"),
                Builds.manifest(output).get("modelSha256"));
        assertEquals(
                Builds.contents(build).get("images.bin"),
                Builds.contents(output).get("images.bin"));
        assertEquals(
                Builds.contents(build).get("graph.txt"), Builds.contents(output).get("graph.txt"));
    }
}
