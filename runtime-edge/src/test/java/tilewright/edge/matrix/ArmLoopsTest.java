package tilewright.edge.matrix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static tilewright.edge.matrix.NativeLoopsTest.numbers;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.edge.matrix.nativecode.NativeCodeException;
import tilewright.edge.vector.ActivationLoops;
import tilewright.edge.vector.VectorMath;
import tilewright.model.graph.Activation;
import tilewright.model.tensor.DType;

/** The loops in C for aarch64, emulated, against plain ones and against those on the Vector API, to the bit. */
@Tag("compiler")
class ArmLoopsTest {
    private static final int[] COUNTS = {0, 1, 3, 4, 7, 16, 31, 200};

    private static EmulatedArm emulator;

    @BeforeAll
    static void start(@TempDir Path folder) throws NativeCodeException, IOException {
        Assumptions.assumeTrue(EmulatedArm.problem() == null, EmulatedArm::problem);
        emulator = EmulatedArm.start(EmulatedArm.Core.CORTEX_A53, folder);
    }

    @AfterAll
    static void end() throws IOException {
        if (emulator != null) {
            emulator.close();
        }
    }

    private static MemorySegment copy(float[] values) {
        return MemorySegment.ofArray(values.clone());
    }

    private static float[] floats(MemorySegment memory) {
        return memory.toArray(ValueLayout.JAVA_FLOAT);
    }

    @Test
    void elementwiseLoopsDoOneOperationEach() {
        List<Integer> operations = List.of(
                NativeLoops.ADD,
                NativeLoops.MULTIPLY,
                NativeLoops.SCALE,
                NativeLoops.ADD_SCALED,
                NativeLoops.RESCALE_AND_ADD);
        for (int count : COUNTS) {
            float[] x = numbers(1, count + 3);
            float[] y = numbers(2, count + 5);
            float[] z = numbers(3, count + 2);
            for (int operation : operations) {
                float[] expected = z.clone();
                for (int i = 0; i < count; i++) {
                    float a = x[3 + i];
                    float b = y[5 + i];
                    float c = z[1 + i];
                    expected[1 + i] = switch (operations.indexOf(operation)) {
                        case 0 -> a + b;
                        case 1 -> a * b;
                        case 2 -> a * 1.3f;
                        case 3 -> Math.fma(a, 1.3f, c);
                        default -> Math.fma(c, 1.3f, a);
                    };
                }
                MemorySegment found = copy(z);
                emulator.loop(operation, copy(x), copy(y), found, 1.3f, 3, 5, 1, count);
                assertArrayEquals(expected, floats(found), "operation " + operation + ", " + count + " elements");
            }
        }
    }

    @Test
    void activationsAreThoseOfTheVectorLoops() {
        for (int count : COUNTS) {
            for (Activation kind : new Activation[] {Activation.SILU, Activation.QUICK_GELU, Activation.GELU_TANH}) {
                float[] x = numbers(4, count + 1);
                float[] expected = new float[count + 2];
                ActivationLoops.apply(kind, x, 1, expected, 2, count);
                MemorySegment found = copy(new float[count + 2]);
                int operation = kind == Activation.GELU_TANH ? NativeLoops.GELU_TANH : NativeLoops.SILU;
                float slope = kind == Activation.SILU ? 1 : 1.702f;
                emulator.loop(operation, copy(x), copy(x), found, slope, 1, 0, 2, count);
                assertArrayEquals(expected, floats(found), kind + ", " + count + " elements");
            }
        }
    }

    @Test
    void squaresAreSummedInAsManySumsAsAVectorOfJavaHasLanes() {
        for (int lanes : new int[] {4, 8, 16}) {
            for (int count : COUNTS) {
                float[] x = new float[count];
                float[] sums = new float[lanes];
                int whole = count / lanes * lanes;
                for (int i = 0; i < count; i++) {
                    x[i] = (float) Math.sin(i * 0.7) * 3;
                    float centred = x[i] - 0.25f;
                    int lane = i % lanes;
                    sums[lane] = i < whole ? Math.fma(centred, centred, sums[lane]) : sums[lane] + centred * centred;
                }
                MemorySegment found = copy(new float[1]);
                emulator.loop(NativeLoops.SQUARES, copy(x), copy(x), found, 0.25f, 0, 0, 0, count, lanes);
                assertEquals(VectorMath.sum(sums, 0, lanes), floats(found)[0], lanes + " lanes, " + count);
            }
        }
    }

    @Test
    void productsWithPanelsAreOneChainForEachOutput() {
        for (int panel : new int[] {8, 16, 32}) {
            for (int rows : new int[] {1, 2, 3, 6, 13}) {
                int width = 37;
                int stride = 3 * panel + 2;
                float[] a = numbers(rows, 4 + rows * (width + 3));
                float[] w = numbers(panel, 2 + 3 * width * panel);
                float[] expected = new float[1 + rows * stride];
                for (int r = 0; r < rows; r++) {
                    for (int o = 0; o < 3 * panel; o++) {
                        float sum = 0;
                        for (int i = 0; i < width; i++) {
                            float weight = w[2 + (o / panel * width + i) * panel + o % panel];
                            sum = Math.fma(a[4 + r * (width + 3) + i], weight, sum);
                        }
                        expected[1 + r * stride + o] = sum;
                    }
                }
                MemorySegment found = copy(new float[expected.length]);
                emulator.loop(
                        NativeLoops.PANELS,
                        copy(a),
                        copy(w),
                        found,
                        0,
                        4,
                        width + 3,
                        rows,
                        2,
                        width,
                        3,
                        1,
                        stride,
                        panel);
                assertArrayEquals(expected, floats(found), rows + " rows, panels of " + panel);
            }
        }
    }

    @Test
    void scoresBecomeExponentialsOfTheirDistanceToTheLargest() {
        for (int lanes : new int[] {4, 8, 16}) {
            int count = 64;
            for (int from : new int[] {0, 5}) {
                int to = count - 2 * from;
                float[] scores = new float[count];
                float most = -3;
                for (int i = 0; i < count; i++) {
                    scores[i] = (float) Math.cos(i) * 9;
                    most = i >= from && i < to ? Math.max(most, scores[i]) : most;
                }
                MemorySegment found = copy(scores);
                MemorySegment result = copy(new float[3]);
                emulator.loop(NativeLoops.WEIGH, result, result, found, -3, 0, count, from, to, 1, lanes);
                float[] sums = new float[lanes];
                for (int i = 0; i < count; i++) {
                    float weight = floats(found)[i];
                    assertEquals(i >= from && i < to ? Math.exp((double) scores[i] - most) : 0, weight, 2e-6);
                    sums[i % lanes] += weight;
                }
                assertEquals(most, floats(result)[1]);
                assertEquals(VectorMath.sum(sums, 0, lanes), floats(result)[2], lanes + " lanes");
            }
        }
    }

    @Test
    void pairsAreTurnedWithoutFusing() {
        int pairs = 37;
        float[] x = numbers(5, 2 + 2 * pairs);
        float[] cosines = numbers(6, pairs + 1);
        float[] sines = numbers(7, pairs + 1);
        float[] expected = NativeLoopsTest.turned(x, cosines, sines, pairs);
        MemorySegment found = copy(x);
        emulator.loop(NativeLoops.TURN, copy(cosines), copy(sines), found, 0, 2, 1, pairs);
        assertArrayEquals(expected, floats(found));
    }

    @Test
    void halvesAreThoseOfTheJdk() {
        float[] x = numbers(8, 300);
        short[] expected = new short[900];
        for (int i = 0; i < 299; i++) {
            expected[2 + 3 * i] = Float.floatToFloat16(Math.clamp(x[1 + i], -65504f, 65504f));
        }
        MemorySegment narrow = MemorySegment.ofArray(new short[900]);
        emulator.loop(NativeLoops.NARROW, copy(x), copy(x), narrow, 0, 1, 0, 2, 299, 3);
        assertArrayEquals(expected, narrow.toArray(ValueLayout.JAVA_SHORT));
        short[] all = new short[(1 << 16) + 3];
        float[] wide = new float[all.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = (short) i;
            wide[i] = Float.float16ToFloat(all[i]);
        }
        MemorySegment found = copy(new float[all.length]);
        MemorySegment halves = MemorySegment.ofArray(all);
        emulator.loop(NativeLoops.WIDEN, halves, halves, found, 0, 0, 0, 0, all.length);
        assertArrayEquals(wide, floats(found));
    }

    @Test
    void productsWithPlainElementsAreThoseOfJava() {
        for (DType format : List.of(DType.F32, DType.F16, DType.BF16)) {
            for (int width : new int[] {1, 6, 77}) {
                int outputs = 21;
                int rows = 6;
                Random random = new Random(width);
                MatrixWeights weights = MatrixWeights.of("w", List.of(Stored.random(random, format, outputs, width)));
                weights.pack();
                Panels panels = weights.sections()
                        .getFirst()
                        .run(0, 2, new KernelScratch())
                        .panels();
                float[] x = Stored.activations(random, rows * width);
                Activations all = Activations.of(x, 0, width, rows, width, ActivationPrecision.FLOAT);
                float[] expected = new float[rows * outputs];
                for (int row = 0; row < rows; row++) {
                    Activations one = Activations.of(x, row * width, width, 1, width, ActivationPrecision.FLOAT);
                    VectorKernels.INSTANCE.multiply(
                            Parallel.serial(), weights, one, null, 0, expected, row * outputs, outputs);
                }
                MemorySegment found = copy(new float[expected.length]);
                int steps = Math.ceilDiv(width, panels.layout().blockElements());
                emulator.loop(
                        NativeLoops.PLAIN,
                        copy(Arrays.copyOf(all.values(), rows * all.stride())),
                        panels.bytes(),
                        found,
                        0,
                        panels.layout().ordinal(),
                        0,
                        all.stride(),
                        rows,
                        steps,
                        outputs,
                        0,
                        outputs);
                assertArrayEquals(expected, floats(found), format.label() + ", width " + width);
            }
        }
    }
}
