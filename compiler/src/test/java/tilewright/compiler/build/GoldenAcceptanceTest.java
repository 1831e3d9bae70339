package tilewright.compiler.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.Progress;
import tilewright.compiler.SharedData;
import tilewright.compiler.quant.Quantiser;
import tilewright.compiler.quant.TaskModel;
import tilewright.hw.program.GoldenMachine;
import tilewright.hw.program.GoldenRuns;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.Program;
import tilewright.hw.program.TaskProgram;
import tilewright.model.data.ImageSet;
import tilewright.model.data.ImageSets;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;

/** The trained example in integers against the outputs that PyTorch computed, on MNIST digits that it never saw. */
class GoldenAcceptanceTest {
    private static final int IMAGES = 96;
    private static final int CALIBRATION = 128;
    private static final double TIE = 1e-5;
    private static final Map<Integer, Program> PROGRAMS = new TreeMap<>();

    private static ModelTasks model;
    private static ImageSet images;
    private static TensorSource golden;

    @BeforeAll
    static void quantise() {
        Path reference = SharedData.golden("vit-moe-mnist");
        Path example = SharedData.repository("examples/vit-moe-mnist");
        golden = Safetensors.open(reference.resolve("golden.safetensors"));
        images = ImageSets.open(reference.resolve("test512-images-idx3-ubyte"));
        ImageSet drawn = ImageSets.open(example.resolve("digits-drawn/images-idx3-ubyte"));
        model = ModelTasks.open(example, null, Runtime.getRuntime().availableProcessors());
        for (int bits : new int[] {8, 16}) {
            Quantiser quantiser =
                    new Quantiser(model.tasks(), drawn.first(CALIBRATION), new IntegerFormat(bits), Progress.NONE);
            PROGRAMS.put(bits, quantiser.quantise("digits").program());
        }
    }

    @AfterAll
    static void close() {
        if (model != null) {
            model.close();
            golden.close();
        }
    }

    private static int best(int from, int count, IntToDoubleFunction value) {
        int best = from;
        for (int i = from; i < from + count; i++) {
            best = value.applyAsDouble(i) > value.applyAsDouble(best) ? i : best;
        }
        return best - from;
    }

    private static List<int[]> run(Program program, TaskProgram task) {
        return GoldenRuns.map(program, IMAGES, (machine, i) -> machine.run(task, images.image(i)));
    }

    @ParameterizedTest
    @CsvSource({"8, 1", "16, 0"})
    void digitsKeepTheirPredictions(int bits, int mayChange) {
        Program program = PROGRAMS.get(bits);
        TaskProgram task = program.tasks().getFirst();
        float[] expected = golden.floats("task0.out");
        List<int[]> found = run(program, task);
        int changed = 0;
        for (int i = 0; i < IMAGES; i++) {
            int[] logits = found.get(i);
            assertEquals(10, logits.length);
            changed += best(10 * i, 10, j -> expected[j]) == best(0, 10, j -> logits[j]) ? 0 : 1;
        }
        assertTrue(changed <= mayChange, changed + " of " + IMAGES + " predictions change");
    }

    @ParameterizedTest
    @CsvSource({"8, 0, 0.04", "8, 1, 0.05", "16, 0, 0.005", "16, 1, 0.005"})
    void outputsComeNearThoseOfTheReference(int bits, int number, double bound) {
        Program program = PROGRAMS.get(bits);
        TaskProgram task = program.tasks().get(number);
        float[] expected = golden.floats("task" + number + ".out");
        float[] margins = golden.floats("task" + number + ".min_router_margin");
        List<int[]> found = run(program, task);
        RelativeError error = new RelativeError();
        for (int i = 0; i < IMAGES; i++) {
            if (margins[i] > TIE) {
                int length = found.get(i).length;
                error.add(
                        found.get(i),
                        task.result().scale(),
                        Arrays.copyOfRange(expected, i * length, (i + 1) * length));
            }
        }
        assertTrue(error.value() <= bound, "relative L2 error " + error.value());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void finalTokensOfSixteenBitsAreWithinTwoThousandths(int number) {
        Program program = PROGRAMS.get(16);
        TaskProgram task = program.tasks().get(number);
        TaskModel reference = model.tasks().get(number);
        float[] margins = golden.floats("task" + number + ".min_router_margin");
        GoldenMachine machine = new GoldenMachine(program);
        RelativeError error = new RelativeError();
        for (int i = 0; i < IMAGES; i++) {
            if (margins[i] > TIE) {
                machine.run(task, images.image(i));
                float[] tokens = FloatReference.run(reference, images, i).tokens("block5");
                error.add(
                        machine.contents(program.residual()), program.residual().scale(), tokens);
            }
        }
        assertTrue(error.value() <= 2e-3, "relative L2 error " + error.value());
    }

    @ParameterizedTest
    @CsvSource({"8, 0, 0.05", "8, 1, 0.05", "16, 0, 0.002", "16, 1, 0.002"})
    void tokensAfterEveryBlockComeNearTheRecordedOnes(int bits, int number, double bound) {
        Program program = PROGRAMS.get(bits);
        TaskProgram task = program.tasks().get(number);
        float[] margins = golden.floats("task" + number + ".min_router_margin");
        GoldenMachine machine = new GoldenMachine(program);
        for (BlockSteps block : BlockSteps.of(task)) {
            RelativeError error = new RelativeError();
            float[] recorded = golden.floats("task" + number + ".act4." + block.block());
            for (int i = 0; i < 4; i++) {
                if (margins[i] <= TIE) {
                    continue;
                }
                machine.run(task, images.image(i), 0, block.last(), (index, step) -> {});
                int[] tokens = machine.contents(program.residual());
                error.add(
                        tokens,
                        program.residual().scale(),
                        Arrays.copyOfRange(recorded, i * tokens.length, (i + 1) * tokens.length));
            }
            assertTrue(error.value() <= bound, block.block() + ": relative L2 error " + error.value());
        }
    }
}
