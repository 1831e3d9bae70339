package tilewright.compiler.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;
import tilewright.compiler.CompileException;
import tilewright.compiler.OptionException;
import tilewright.compiler.Progress;
import tilewright.compiler.build.VerifyResult.BlockAgreement;
import tilewright.compiler.build.VerifyResult.FloatAgreement;
import tilewright.compiler.build.VerifyResult.TaskAgreement;
import tilewright.compiler.pass.TaskSpecialisation;
import tilewright.hw.program.GoldenMachine;
import tilewright.hw.program.Program;
import tilewright.hw.program.TaskProgram;
import tilewright.model.InvalidInputException;
import tilewright.model.data.ImageSet;
import tilewright.model.family.Families;
import tilewright.model.family.LoadedModel;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Tensor64;
import tilewright.sim.CppCompiler;
import tilewright.sim.SimulationException;

/** Verification finds agreement where there is agreement, and only there. */
class VerificationTest {
    private static final int IMAGES = 5;
    private static final List<String> BLOCKS = List.of("embed", "block0", "block1");

    @TempDir
    static Path shared;

    private static Path model;

    @TempDir
    Path folder;

    @BeforeAll
    static void compileTiny() {
        try {
            CppCompiler.find();
        } catch (SimulationException e) {
            assumeTrue(false, e.getMessage());
        }
        model = Builds.tiny(shared.resolve("model"));
        for (int bits : new int[] {8, 16}) {
            CompileOptions options = new CompileOptions(
                    model, "pynq-z2", shared.resolve("build" + bits), null, bits, null, IMAGES, false);
            Compilation.run(options, Progress.NONE);
        }
    }

    /** A copy of the build of a width. */
    private Path build(int bits) throws IOException {
        return Builds.copy(shared.resolve("build" + bits), folder.resolve("build"));
    }

    private static VerifyResult verify(Path build, Integer images, boolean blocks) {
        return Verification.run(new VerifyOptions(build, images, null, blocks), Progress.NONE);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void everyBlockOfBothWidthsIsComputedBitForBit(int bits) throws IOException {
        VerifyResult result = verify(build(bits), null, true);

        assertTrue(result.agrees());
        assertEquals(0, result.mismatches());
        assertEquals(IMAGES, result.images());
        assertNull(result.floatComparison());
        assertEquals(
                List.of("digit", "edge"),
                result.tasks().stream().map(TaskAgreement::task).toList());
        assertEquals(IMAGES * 3, result.tasks().get(0).values());
        assertEquals(IMAGES * 6 * 4, result.tasks().get(1).values());
        for (TaskAgreement task : result.tasks()) {
            assertEquals(
                    BLOCKS, task.blocks().stream().map(BlockAgreement::block).toList());
            assertEquals(IMAGES * 7, task.blocks().getLast().routings());
            assertEquals(IMAGES * 7, task.reference().routings());
            double bound = bits == 8 ? 0.08 : 0.001;
            assertTrue(task.reference().outputError() < bound, task.reference().toString());
            for (BlockAgreement block : task.blocks()) {
                assertTrue(block.freeError() < bound, block.toString());
            }
        }
        assertTrue(result.tasks().get(0).reference().classified());
        assertFalse(result.tasks().get(1).reference().classified());
        assertEquals(0, result.tasks().get(0).reference().labelled(), "made-up images have no labels");
    }

    /** What a block error should be, and the routing flips, from the float64 interpreter and a machine of our own. */
    @Test
    void errorsAndRoutingFlipsAreThoseAgainstTheInterpreter() throws IOException {
        Path build = build(8);
        TaskAgreement edge = verify(build, null, true).tasks().get(1);
        BuildDirectory opened = BuildDirectory.open(build);
        Program program = opened.program();
        TaskProgram task = program.task("edge");
        ImageSet images = opened.images();
        double[] difference = new double[2];
        double[] power = new double[2];
        int flips = 0;
        try (LoadedModel loaded = Families.load(model)) {
            Graph graph = new TaskSpecialisation("edge").apply(loaded.graph());
            for (int i = 0; i < images.count(); i++) {
                Map<String, Tensor64> expected = Interpreter.run(
                        graph,
                        Map.of("pixels", Tensor64.of(new int[] {1, 1, 8, 12}, images.floats(i))),
                        List.of("block1", "edge", "block1.router.ids"));
                GoldenMachine machine = new GoldenMachine(program);
                int[] output = machine.run(task, images.image(i));
                add(difference, power, 0, output, task.result().scale(), expected.get("edge"));
                int[] tokens = machine.contents(program.residual());
                add(difference, power, 1, tokens, program.residual().scale(), expected.get("block1"));
                double[] ids = expected.get("block1.router.ids").data();
                for (int token = 0; token < 7; token++) {
                    int[] chosen = {
                        machine.routing().ids()[2 * token], machine.routing().ids()[2 * token + 1]
                    };
                    int[] wanted = {(int) ids[2 * token], (int) ids[2 * token + 1]};
                    Arrays.sort(chosen);
                    Arrays.sort(wanted);
                    flips += Arrays.equals(chosen, wanted) ? 0 : 1;
                }
            }
        }

        FloatAgreement reference = edge.reference();
        assertEquals(Math.sqrt(difference[0] / power[0]), reference.outputError(), 1e-5);
        assertEquals(Math.sqrt(difference[1] / power[1]), edge.blocks().get(2).freeError(), 1e-5);
        assertEquals(flips, reference.routingFlips());
        assertEquals(flips, edge.blocks().get(2).freeFlips());
    }

    private static void add(double[] difference, double[] power, int at, int[] found, double scale, Tensor64 expected) {
        for (int j = 0; j < found.length; j++) {
            difference[at] += Math.pow(found[j] * scale - expected.data()[j], 2);
            power[at] += Math.pow(expected.data()[j], 2);
        }
    }

    @Test
    void aBlockIsAloneResponsibleForItsErrorWhenItsInputIsForced() throws IOException {
        VerifyResult result = verify(build(8), null, true);
        for (TaskAgreement task : result.tasks()) {
            assertTrue(Double.isNaN(task.blocks().getFirst().forcedError()), "nothing is forced before the embedding");
            assertEquals(
                    task.blocks().get(1).freeError(),
                    task.blocks().get(1).forcedError(),
                    task.blocks().get(1).freeError(),
                    "the embedding alone is before it");
            assertTrue(task.blocks().get(2).forcedError() > 0);
        }
    }

    @Test
    void oneCorruptedWordOfTheWeightsIsNoticed() throws IOException {
        Path build = build(8);
        String weights = "hls/data/weights0.bin";
        byte[] bytes = Files.readAllBytes(build.resolve(weights));
        for (int i = 0; i < 8; i++) {
            bytes[i] ^= 0x55;
        }
        Files.write(build.resolve(weights), bytes);
        assertEquals(
                build + ": 1 file is missing or changed since the build: " + weights + "; compile the model again",
                assertThrows(CompileException.class, () -> verify(build, null, false))
                        .getMessage());
        Builds.updateDigest(build, weights);

        VerifyResult result = verify(build, null, true);

        assertFalse(result.agrees());
        assertTrue(result.mismatches() > 0);
        for (TaskAgreement task : result.tasks()) {
            assertTrue(task.mismatches() > 0 && task.mismatches() <= task.values(), task.toString());
            assertTrue(
                    task.blocks().stream().mapToLong(BlockAgreement::mismatches).sum() > 0, task.toString());
        }
        assertTrue(Files.readString(build.resolve("report.html"))
                .contains(Long.toString(result.tasks().getFirst().mismatches())));
    }

    @Test
    void aMismatchInABlockAloneIsNoAgreement() {
        BlockAgreement block = new BlockAgreement("block0", 3, 0, 0, 0, 0, 0);
        VerifyResult result =
                new VerifyResult(1, List.of(new TaskAgreement("t", 10, 0, null, List.of(block))), null, 0);

        assertFalse(result.agrees());
        assertEquals(3, result.mismatches());
    }

    @Test
    void withoutTheModelTheComparisonWithFloatIsReportedAsMissing() throws IOException {
        Path build = build(8);
        Path gone = folder.resolve("gone").toAbsolutePath();
        Builds.change(build, manifest -> manifest.put("model", gone.toString()));

        VerifyResult result = verify(build, 2, true);

        assertEquals("the model is no longer in " + gone, result.floatComparison());
        assertTrue(result.agrees(), "the design is still compared with the integer model");
        assertEquals(2, result.images());
        for (TaskAgreement task : result.tasks()) {
            assertNull(task.reference());
            task.blocks().forEach(block -> assertTrue(Double.isNaN(block.freeError()), block.toString()));
        }
    }

    @Test
    void aModelThatWasChangedIsNotComparedWith() throws IOException {
        Path build = build(8);
        Path changed = Builds.copy(model, folder.resolve("changed")).toAbsolutePath();
        Files.writeString(changed.resolve("config.json"), Files.readString(changed.resolve("config.json")) + "\n");
        Builds.change(build, manifest -> manifest.put("model", changed.toString()));

        VerifyResult result = verify(build, 1, false);

        assertEquals("the model in " + changed + " was changed since the build", result.floatComparison());
        assertNull(result.tasks().getFirst().reference());
        assertTrue(result.agrees());
        assertEquals(List.of(), result.tasks().getFirst().blocks(), "blocks were not asked for");
    }

    @Test
    void moreImagesThanThereAreIsRefused() throws IOException {
        Path build = build(8);

        assertEquals(
                build.resolve("images.bin") + ": holds 5 images, 6 were asked for; give more with --data FILE",
                assertThrows(OptionException.class, () -> verify(build, 6, false))
                        .getMessage());
    }

    @Test
    void otherImagesAreTakenWhenTheyFit() throws IOException {
        Path build = build(8);
        Path data = idx("images-idx3-ubyte", 9, 8, 12);

        assertEquals(
                9,
                Verification.run(new VerifyOptions(build, null, data, false), Progress.NONE)
                        .images());
        assertEquals(
                2,
                Verification.run(new VerifyOptions(build, 2, data, false), Progress.NONE)
                        .images());

        Path square = idx("square-images-idx3-ubyte", 3, 12, 12);
        assertEquals(
                square + ": images are 1 x 12 x 12, but the model in " + build + " takes 1 x 8 x 12 (channels x rows x"
                        + " columns); resize them first",
                assertThrows(
                                InvalidInputException.class,
                                () -> Verification.run(new VerifyOptions(build, null, square, false), Progress.NONE))
                        .getMessage());
    }

    private Path idx(String name, int count, int height, int width) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream output = Files.newOutputStream(file)) {
            output.write(new byte[] {0, 0, 8, 3, 0, 0, 0, (byte) count, 0, 0, 0, (byte) height, 0, 0, 0, (byte) width});
            for (int i = 0; i < count * height * width; i++) {
                output.write(i * 31 % 256);
            }
        }
        return file;
    }

    @Test
    void theReportIsRewrittenAndTheBuildStaysAsItWas() throws IOException, ParserConfigurationException, SAXException {
        Path build = build(16);
        Map<String, String> before = Builds.contents(build);

        verify(build, 3, true);

        Map<String, String> after = Builds.contents(build);
        assertNotEquals(before.remove("report.html"), after.remove("report.html"));
        assertEquals(before, after);
        try (Stream<Path> files = Files.list(build)) {
            List<String> hidden = new ArrayList<>();
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("."))
                    .forEach(hidden::add);
            assertEquals(List.of(), hidden);
        }
        DocumentBuilder parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        parser.setErrorHandler(new DefaultHandler());
        Document page = parser.parse(build.resolve("report.html").toFile());
        assertEquals("html", page.getDocumentElement().getTagName());
        String text = page.getDocumentElement().getTextContent();
        for (String expected : List.of("digit", "edge", "block1", "pynq-z2")) {
            assertTrue(text.contains(expected), expected);
        }

        verify(build, 3, true);

        assertEquals(
                after,
                Builds.contents(build).entrySet().stream()
                        .filter(entry -> !entry.getKey().equals("report.html"))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
        BuildDirectory.open(build);
    }
}
