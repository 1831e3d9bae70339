package tilewright.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.hls.DesignParameters.Storage;
import tilewright.hw.hls.HlsDesign;
import tilewright.hw.hls.HlsEmitter;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.GoldenMachine;
import tilewright.hw.program.PatchGeometry;
import tilewright.hw.program.Program;
import tilewright.hw.program.RandomProgram;
import tilewright.hw.program.RandomProgram.Sizes;
import tilewright.hw.program.RandomProgram.Values;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;

@Tag("cpp")
class HlsSimulationTest {
    private static final List<String> FLAGS = Stream.concat(
                    CSimulation.FLAGS.stream().filter(flag -> !flag.equals("-O3") && !flag.equals("-DNDEBUG")),
                    Stream.of("-O0", "-fsanitize=undefined", "-fno-sanitize-recover=undefined"))
            .toList();

    private static final Sizes SMALL = new Sizes(8, new PatchGeometry(1, 8, 8, 4), 2, 2, 6, 20, 5, 2, 10);

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final DesignParameters SMALL_DESIGN = design(8, 16, 4, 2, 4, 4, 1);

    /** Compiled designs, shared: tests that emit the same sources compile them once. */
    @TempDir
    static Path cache;

    @TempDir
    Path folder;

    /** The compiler that is quickest without optimisation. */
    private CppCompiler compiler;

    @BeforeEach
    void compiler() {
        try {
            compiler = named("clang++").orElseGet(CppCompiler::find);
        } catch (SimulationException e) {
            abort(e.getMessage());
        }
    }

    private static Optional<CppCompiler> named(String name) {
        try {
            return Optional.of(CppCompiler.find(Map.of("CXX", name, "PATH", System.getenv("PATH"))));
        } catch (SimulationException e) {
            return Optional.empty();
        }
    }

    /** A program and the design that must compute it. */
    record Case(String name, Sizes sizes, Values values, DesignParameters parameters) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        return List.of(
                new Case(
                        "8 bits, heads shorter than a word, one port",
                        new Sizes(8, new PatchGeometry(1, 12, 8, 4), 2, 3, 10, 40, 6, 2, 24),
                        Values.MODERATE,
                        design(16, 32, 64, 4, 4, 4, 1)),
                new Case(
                        "16 bits, heads of more than a word, two ports, several passes",
                        new Sizes(16, new PatchGeometry(3, 12, 12, 4), 3, 2, 20, 50, 7, 3, 33),
                        Values.MODERATE,
                        design(8, 24, 5, 3, 2, 2, 2)),
                new Case(
                        "8 bits, extreme values, four ports, odd patches, more experts than tokens choose",
                        new Sizes(8, new PatchGeometry(2, 9, 15, 3), 2, 1, 37, 21, 40, 1, 5),
                        Values.EXTREME,
                        design(4, 16, 7, 8, 4, 16, 4)),
                new Case(
                        "16 bits, equal scores, four ports, wide words",
                        new Sizes(16, new PatchGeometry(1, 16, 16, 8), 2, 2, 32, 64, 5, 2, 64),
                        Values.TIES,
                        design(32, 64, 16, 6, 32, 4, 4)),
                new Case("16 bits, extreme values", withBits(16), Values.EXTREME, design(8, 16, 3, 1, 1, 8, 1)),
                new Case(
                        "8 bits, all tokens to the same experts, two ports",
                        SMALL,
                        Values.ONE_EXPERT,
                        design(4, 8, 4, 4, 2, 3, 2)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyBufferEqualsTheGoldenMachinesAfterEveryStep(Case example) throws IOException {
        Program program = RandomProgram.of(
                example.sizes(), example.values(), example.name().hashCode());
        HlsSimulation simulation = emit(program, example.parameters());
        List<byte[]> images = RandomProgram.images(program, 3, 1);
        for (int t = 0; t < program.tasks().size(); t++) {
            TaskProgram task = program.tasks().get(t);
            List<Map<String, int[]>> trace = simulation.trace(t, images.getFirst());
            GoldenMachine machine = new GoldenMachine(program);
            machine.run(task, images.getFirst(), 0, task.steps().size(), (index, step) -> {
                for (Buffer buffer : program.buffers().values()) {
                    assertArrayEquals(
                            machine.contents(buffer),
                            trace.get(index).get(buffer.name()),
                            () -> task.task() + ": '" + buffer.name() + "' after " + step.name());
                }
            });
            int[][] results = simulation.run(t, images);
            for (int i = 0; i < images.size(); i++) {
                assertArrayEquals(new GoldenMachine(program).run(task, images.get(i)), results[i]);
            }
        }
    }

    @Test
    void allTokensGoToOneExpertAndOthersStayEmptyWhereTheCasesSaySo() {
        Program program = RandomProgram.of(SMALL, Values.ONE_EXPERT, 5);
        GoldenMachine machine = new GoldenMachine(program);
        machine.run(
                program.tasks().getFirst(), RandomProgram.images(program, 1, 1).getFirst());
        for (int expert = 0; expert < SMALL.experts(); expert++) {
            assertEquals(expert < SMALL.topK() ? 6 : 0, machine.routing().queue(expert).length);
        }
    }

    @Test
    void aBlockRunsFromAForcedResidualStream() throws IOException {
        Program program = RandomProgram.of(SMALL, Values.MODERATE, 13);
        HlsSimulation simulation = emit(program, SMALL_DESIGN);
        TaskProgram task = program.tasks().getFirst();
        List<byte[]> images = RandomProgram.images(program, 10, 2);
        int first = firstStep(task, "block1");
        int last = firstStep(task, "head");
        List<HlsSimulation.Run> runs = new ArrayList<>();
        List<int[]> expected = new ArrayList<>();
        for (byte[] image : images) {
            GoldenMachine machine = new GoldenMachine(program);
            int[] forced = new int[machine.contents(program.residual()).length];
            for (int i = 0; i < forced.length; i++) {
                forced[i] = image[i % image.length] * (i % 200);
            }
            System.arraycopy(forced, 0, machine.contents(program.residual()), 0, forced.length);
            machine.run(task, image, first, last, (index, step) -> {});
            expected.add(machine.contents(program.residual()));
            runs.add(new HlsSimulation.Run(
                    image, List.of(new HlsSimulation.Segment(first, last, forced, List.of(program.residual())))));
        }
        List<List<int[]>> results = simulation.execute(0, runs);
        for (int i = 0; i < runs.size(); i++) {
            assertArrayEquals(expected.get(i), results.get(i).getFirst());
        }
    }

    @Test
    void oneChangedWeightIsNoticed() throws IOException {
        Program program = RandomProgram.of(SMALL, Values.MODERATE, 13);
        HlsSimulation simulation = emit(program, SMALL_DESIGN);
        List<byte[]> images = RandomProgram.images(program, 4, 3);
        int[][] before = simulation.run(0, images);
        assertArrayEquals(new GoldenMachine(program).run(program.tasks().getFirst(), images.getFirst()), before[0]);
        corruptWeight(program, 8);
        assertFalse(Arrays.deepEquals(before, simulation.run(0, images)));
    }

    @Test
    void theTestBenchPassesAndFailsWithOneChangedWeight() throws IOException {
        Program program = RandomProgram.of(SMALL, Values.MODERATE, 17);
        HlsEmitter.emit(program, SMALL_DESIGN, folder);
        List<String> sources = new ArrayList<>(HlsDesign.sources());
        sources.add(HlsDesign.testbench());
        CSimulation bench = CSimulation.build(
                compiler, new CSimulation.Design(folder, sources, HlsDesign.includes(), FLAGS), cache);
        String output = bench.run(List.of("data"), folder, MINUTE, line -> {}).output();
        assertTrue(output.endsWith("PASS\n"), output);
        corruptWeight(program, 8);
        assertThrows(SimulationException.class, () -> bench.run(List.of("data"), folder, MINUTE, line -> {}));
    }

    @ParameterizedTest
    @CsvSource({"8, -O3", "16, -O1"})
    void gccFindsNothingToWarnAbout(int bits, String optimisation) {
        CppCompiler gcc = named("g++").orElseGet(() -> abort("g++ is not on the PATH"));
        Program program = RandomProgram.of(withBits(bits), Values.MODERATE, 19);
        DesignParameters parameters = design(8, 16, 4, 2, 4, 4, 2);
        List<String> flags = CSimulation.FLAGS.stream()
                .map(flag -> flag.equals("-O3") ? optimisation : flag)
                .toList();
        HlsEmitter.emit(program, parameters, folder);
        HlsSimulation simulation = HlsSimulation.open(program, parameters, folder, gcc, flags, cache);
        List<byte[]> images = RandomProgram.images(program, 1, 4);
        assertArrayEquals(
                new GoldenMachine(program).run(program.tasks().get(1), images.getFirst()),
                simulation.run(1, images)[0]);
    }

    @Test
    void wrongTasksImagesAndResidualStreamsAreRefused() throws IOException {
        Program program = RandomProgram.of(SMALL, Values.MODERATE, 13);
        HlsSimulation simulation = emit(program, SMALL_DESIGN);
        assertEquals(
                "no task 2; the program has 2",
                assertThrows(IllegalArgumentException.class, () -> simulation.run(2, List.of()))
                        .getMessage());
        assertEquals(
                "an image of 3 bytes; the program's have 64",
                assertThrows(IllegalArgumentException.class, () -> simulation.run(0, List.of(new byte[3])))
                        .getMessage());
        HlsSimulation.Segment segment = new HlsSimulation.Segment(0, 1, new int[3], List.of());
        assertEquals(
                "a residual stream of 3 values; the program's has 72",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> simulation.execute(
                                        0, List.of(new HlsSimulation.Run(new byte[64], List.of(segment)))))
                        .getMessage());
    }

    @Test
    void theRandomProgramsUseEveryKindOfStep() {
        Set<String> kinds = new TreeSet<>();
        for (TaskProgram task : RandomProgram.of(SMALL, Values.MODERATE, 1).tasks()) {
            task.steps().forEach(step -> kinds.add(step.getClass().getSimpleName()));
        }
        Set<String> all = new TreeSet<>();
        for (Class<?> kind : Step.class.getPermittedSubclasses()) {
            all.add(kind.getSimpleName());
        }
        assertEquals(all, kinds);
    }

    private HlsSimulation emit(Program program, DesignParameters parameters) {
        HlsEmitter.emit(program, parameters, folder);
        return HlsSimulation.open(program, parameters, folder, compiler, FLAGS, cache);
    }

    /** Changes the first weight of the first output of the patch embedding whose scale is not zero. */
    private void corruptWeight(Program program, int lanes) throws IOException {
        Step.Embed embed = (Step.Embed) program.tasks().getFirst().steps().getFirst();
        int row = 0;
        while (embed.linear().scales()[row].factor() < 0x1p-40) {
            row++;
        }
        Path weights = folder.resolve("data").resolve("weights0.bin");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[row * lanes] ^= 0x40;
        Files.write(weights, bytes);
    }

    private static int firstStep(TaskProgram task, String block) {
        int step = 0;
        while (!task.steps().get(step).block().equals(block)) {
            step++;
        }
        return step;
    }

    private static Sizes withBits(int bits) {
        return new Sizes(
                bits,
                SMALL.geometry(),
                SMALL.extraTokens(),
                SMALL.heads(),
                SMALL.headSize(),
                SMALL.hidden(),
                SMALL.experts(),
                SMALL.topK(),
                SMALL.expertHidden());
    }

    private static DesignParameters design(
            int lanes,
            int tileOutputs,
            int tokenTile,
            int queryGroup,
            int normLanes,
            int routerExperts,
            int weightPorts) {
        return new DesignParameters(
                lanes,
                tileOutputs,
                tokenTile,
                queryGroup,
                normLanes,
                routerExperts,
                weightPorts,
                Storage.LUTRAM,
                Storage.BRAM,
                300,
                "xczu9eg-ffvb1156-2-e");
    }
}
