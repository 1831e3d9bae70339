package tilewright.hw.hls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TableFunction;
import tilewright.hw.hls.DesignParameters.Storage;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.PatchGeometry;
import tilewright.hw.program.Program;
import tilewright.hw.program.RandomProgram;
import tilewright.hw.program.RandomProgram.Sizes;
import tilewright.hw.program.RandomProgram.Values;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;
import tilewright.hw.program.TokenRange;

class HlsEmitterTest {
    private static final int TOKENS = 6;
    private static final int WIDTH = 12;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void thePragmaLinterFindsNothing(int bits) throws IOException {
        for (int ports : List.of(1, 2, 4)) {
            Path design = folder.resolve("ports" + ports);
            HlsEmitter.emit(program(bits), parameters(ports), design);
            Map<String, String> files = new TreeMap<>();
            for (Path file : files(design)) {
                if (file.toString().matches("src/.*|testbench/.*")) {
                    files.put(file.toString(), Files.readString(design.resolve(file)));
                }
            }
            assertEquals(List.of(), PragmaLinter.lint(files));
            files.replaceAll((name, text) -> text.replace("variable=tile ", "variable=tyle "));
            assertNotEquals(List.of(), PragmaLinter.lint(files));
        }
    }

    @Test
    void theSameInputsGiveTheSameBytes() throws IOException {
        HlsDesign one = HlsEmitter.emit(program(8), parameters(2), folder.resolve("one"));
        HlsDesign two = HlsEmitter.emit(program(8), parameters(2), folder.resolve("two"));
        assertEquals(one.files(), two.files());
        assertEquals(files(one.directory()), one.files());
        for (Path file : one.files()) {
            assertArrayEquals(
                    Files.readAllBytes(one.directory().resolve(file)),
                    Files.readAllBytes(two.directory().resolve(file)),
                    file.toString());
        }
    }

    @Test
    void noTextHoldsAnUnresolvedVariableOrDirective() throws IOException {
        HlsDesign design = HlsEmitter.emit(program(16), parameters(1), folder);
        for (Path file : design.files()) {
            if (!file.startsWith("data") && !file.startsWith("include")) {
                String text = Files.readString(folder.resolve(file));
                assertFalse(text.matches("(?s).*(\\$(?!argv|xrt)|#(foreach|end|if|set)\\b).*"), file.toString());
                assertTrue(text.chars().allMatch(c -> c == '\n' || c >= ' ' && c <= '~'), file.toString());
            }
        }
    }

    @Test
    void tasksShareWeightsAndOnlyTheirRoutersAndHeadsAreStoredTwice() throws IOException {
        Program program = program(8);
        Program first = with(program, List.of(program.tasks().getFirst()));
        HlsEmitter.emit(program, parameters(1), folder.resolve("both"));
        HlsEmitter.emit(first, parameters(1), folder.resolve("first"));
        long both = Files.size(folder.resolve("both/data/weights0.bin"));
        long one = Files.size(folder.resolve("first/data/weights0.bin"));
        // The second task adds its head: 3 outputs fill one block of 16, 12 inputs two words of 8.
        assertEquals(one + 16 * 16, both);
    }

    @Test
    void aModelNameCannotEndACommentOrAString() throws IOException {
        Program program = program(8);
        Program named = new Program(
                "evil \"name\"\n$part */ \\",
                program.format(),
                program.softmax(),
                program.geometry(),
                program.residual(),
                program.tasks());
        HlsEmitter.emit(named, parameters(1), folder);
        assertTrue(Files.readString(folder.resolve("src/design.hpp"))
                .startsWith("// Sizes, widths and types of the accelerator for evil _name_?_part */ /:"));
    }

    /** A program that no design can run, and what is said about it. */
    record Refusal(String message, Function<Program, Program> change) {
        @Override
        public String toString() {
            return message;
        }
    }

    static List<Refusal> refusals() {
        Buffer normed = Buffer.of("normed", TOKENS, WIDTH, 8, 1);
        Buffer narrow = Buffer.of("narrow", TOKENS, WIDTH, 8, 1);
        Buffer odd = Buffer.of("odd", TOKENS, WIDTH, 12, 1);
        Buffer twin = Buffer.of("normed", TOKENS, 5, 8, 1);
        Buffer ids = Buffer.of("more_routed", TOKENS, 6, 16, 1);
        return List.of(
                new Refusal(
                        "step 'extra' cannot run on this design: it adds to 'narrow' of 8 bits; only buffers of the"
                                + " residual width can be added to",
                        append(linear(normed, layer(0), true, narrow))),
                new Refusal(
                        "buffer 'odd' has 12 bits; the design has memories of 8 and 16 bits",
                        append(linear(normed, layer(0), false, odd))),
                new Refusal(
                        "step 'extra' cannot run on this design: it writes the buffer that it reads",
                        append(linear(normed, layer(0), false, normed))),
                new Refusal(
                        "two buffers are called 'normed': [6, 12] and [6, 5]",
                        append(linear(twin, layer(0), false, narrow))),
                new Refusal(
                        "extra: the accumulator needs 42 bits, the design has 32; split its 12 inputs or use 16-bit"
                                + " arithmetic",
                        append(linear(normed, layer(1L << 40), false, narrow))),
                new Refusal(
                        "step 'extra' cannot run on this design: top 6 of 5 experts cannot be selected",
                        append(new Step.Route("extra", "head", normed, experts(), 6, false, ids))),
                new Refusal(
                        "step 'extra' cannot run on this design: buffer 'residual' of 16 bits is not in the activations"
                                + " memory",
                        append(linear(Buffer.of("residual", TOKENS, WIDTH, 16, 1), layer(0), false, narrow))),
                new Refusal(
                        "step 'block0.attention' cannot run on this design: softmax over 6 entries, but the program's"
                                + " widths are for 4",
                        program -> new Program(
                                program.name(),
                                program.format(),
                                new SoftmaxFormat(4),
                                program.geometry(),
                                program.residual(),
                                program.tasks())),
                new Refusal(
                        "step 'embed' cannot run on this design: its images differ from the program's",
                        program -> new Program(
                                program.name(),
                                program.format(),
                                program.softmax(),
                                new PatchGeometry(1, 16, 16, 4),
                                program.residual(),
                                program.tasks())),
                new Refusal(
                        "step 'extra' cannot run on this design: rows 2 to 7 of a buffer with 6",
                        append(new Step.Linear(
                                "extra",
                                "head",
                                normed,
                                new TokenRange(2, TOKENS),
                                layer(0),
                                new TableFunction(new byte[256]),
                                false,
                                narrow))));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void whatNoDesignCanRunIsRefusedAndNothingIsWritten(Refusal refusal) {
        Program changed = refusal.change().apply(program(8));
        Path design = folder.resolve("design");
        RuntimeException thrown =
                assertThrows(RuntimeException.class, () -> HlsEmitter.emit(changed, parameters(1), design));
        assertEquals(refusal.message(), thrown.getMessage());
        assertFalse(Files.exists(design));
    }

    private static Program program(int bits) {
        return RandomProgram.of(
                new Sizes(bits, new PatchGeometry(1, 8, 8, 4), 2, 2, 6, 20, 5, 2, 10), Values.MODERATE, 23);
    }

    private static DesignParameters parameters(int ports) {
        return new DesignParameters(8, 16, 4, 2, 4, 4, ports, Storage.LUTRAM, Storage.URAM, 250, "xck26-sfvc784-2lv-c");
    }

    private static Function<Program, Program> append(Step step) {
        return program -> {
            TaskProgram task = program.tasks().getFirst();
            List<Step> steps = new ArrayList<>(task.steps());
            steps.add(step);
            return with(program, List.of(new TaskProgram(task.task(), steps, task.result())));
        };
    }

    private static Program with(Program program, List<TaskProgram> tasks) {
        return new Program(
                program.name(), program.format(), program.softmax(), program.geometry(), program.residual(), tasks);
    }

    private static Step linear(Buffer input, LinearParameters layer, boolean accumulate, Buffer output) {
        return new Step.Linear("extra", "head", input, new TokenRange(0, TOKENS), layer, null, accumulate, output);
    }

    private static LinearParameters layer(long bias) {
        return constant(WIDTH, bias);
    }

    private static LinearParameters experts() {
        return constant(5, 0);
    }

    private static LinearParameters constant(int outputs, long bias) {
        long[] biases = new long[outputs];
        Requantizer[] scales = new Requantizer[outputs];
        java.util.Arrays.fill(biases, bias);
        java.util.Arrays.fill(scales, Requantizer.of(0.5));
        return new LinearParameters("extra", outputs, WIDTH, new short[outputs * WIDTH], biases, scales);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(directory::relativize)
                    .sorted()
                    .toList();
        }
    }
}
