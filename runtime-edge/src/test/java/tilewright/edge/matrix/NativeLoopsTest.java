package tilewright.edge.matrix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tilewright.edge.vector.ActivationLoops;
import tilewright.edge.vector.MatrixProduct;
import tilewright.edge.vector.VectorMath;
import tilewright.model.graph.Activation;

/** Loops in C against plain ones and against those on the Vector API, to the bit. */
@Tag("compiler")
class NativeLoopsTest {
    private static final int LANES = MatrixProduct.LANES;
    private static final int[] COUNTS = {0, 1, 7, 8, 16, 31, 64, 200, 2048};

    @BeforeAll
    static void compile() {
        Assumptions.assumeTrue(NativeLoops.available(), "there is no native code for this machine");
    }

    /** Numbers of many magnitudes, with those that are none and infinities among them. */
    static float[] numbers(long seed, int count) {
        Random random = new Random(seed);
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(12) - 6));
        }
        float[] special = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -0f, 0f, 1e-40f, 3e38f, -3e38f};
        for (int i = 0; i < special.length && i < count; i++) {
            x[random.nextInt(count)] = special[i];
        }
        return x;
    }

    @Test
    void elementwiseLoopsDoOneOperationEach() {
        for (int count : COUNTS) {
            float[] x = numbers(1, count + 3);
            float[] y = numbers(2, count + 5);
            float[][] expected = new float[5][];
            float[][] found = new float[5][];
            for (int kind = 0; kind < 5; kind++) {
                expected[kind] = numbers(3, count + 2);
                found[kind] = expected[kind].clone();
            }
            for (int i = 0; i < count; i++) {
                expected[0][1 + i] = x[3 + i] + y[5 + i];
                expected[1][1 + i] = x[3 + i] * y[5 + i];
                expected[2][1 + i] = x[3 + i] * 1.3f;
                expected[3][1 + i] = Math.fma(x[3 + i], 1.3f, expected[3][1 + i]);
                expected[4][1 + i] = Math.fma(expected[4][1 + i], 1.3f, x[3 + i]);
            }
            NativeLoops.add(x, 3, y, 5, found[0], 1, count);
            NativeLoops.multiply(x, 3, y, 5, found[1], 1, count);
            NativeLoops.scale(x, 3, 1.3f, found[2], 1, count);
            NativeLoops.addScaled(x, 3, 1.3f, found[3], 1, count);
            NativeLoops.rescaleAndAdd(x, 3, 1.3f, found[4], 1, count);
            for (int kind = 0; kind < 5; kind++) {
                assertArrayEquals(expected[kind], found[kind], "kind " + kind + ", " + count + " elements");
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
                float[] found = new float[count + 2];
                switch (kind) {
                    case SILU -> NativeLoops.silu(x, 1, 1, found, 2, count);
                    case QUICK_GELU -> NativeLoops.silu(x, 1, 1.702f, found, 2, count);
                    default -> NativeLoops.geluTanh(x, 1, found, 2, count);
                }
                assertArrayEquals(expected, found, kind + ", " + count + " elements");
            }
        }
    }

    @Test
    void squaresAreSummedInAsManySumsAsAVectorHasLanes() {
        for (int count : COUNTS) {
            float[] x = new float[count];
            for (int i = 0; i < count; i++) {
                x[i] = (float) Math.sin(i * 0.7) * 3;
            }
            float[] sums = new float[LANES];
            int whole = count / LANES * LANES;
            for (int i = 0; i < count; i++) {
                float centred = x[i] - 0.25f;
                int lane = i % LANES;
                sums[lane] = i < whole ? Math.fma(centred, centred, sums[lane]) : sums[lane] + centred * centred;
            }
            assertEquals(
                    VectorMath.sum(sums, 0, LANES),
                    NativeLoops.squares(x, 0, count, 0.25f, new float[1]),
                    count + " elements");
        }
    }

    @Test
    void productsWithPanelsAreThoseOfTheVectorLoops() {
        int panel = MatrixProduct.PANEL;
        for (int rows : new int[] {1, 2, 3, 6, 13, 48}) {
            for (int width : new int[] {1, 5, 128}) {
                float[] a = numbers(rows, 4 + rows * (width + 3));
                float[] w = numbers(width, 2 + 3 * width * panel);
                float[] expected = new float[1 + rows * (3 * panel + 2)];
                float[] found = expected.clone();
                int stride = 3 * panel + 2;
                MatrixProduct.multiplyPanels(
                        a, 4, width + 3, rows, w, 2, width, 3, new float[panel], expected, 1, stride);
                NativeLoops.multiplyPanels(
                        a, 4, width + 3, rows, MemorySegment.ofArray(w), 2, width, 3, found, 1, stride);
                assertArrayEquals(expected, found, rows + " rows of " + width);
            }
        }
    }

    @Test
    void scoresBecomeExponentialsOfTheirDistanceToTheLargest() {
        int count = 4 * LANES;
        for (int from : new int[] {0, 1, LANES + 3}) {
            for (float before : new float[] {Float.NEGATIVE_INFINITY, 0, 50}) {
                int to = count - 2 * from;
                float[] scores = new float[count + 1];
                for (int i = 0; i <= count; i++) {
                    scores[i] = (float) Math.cos(i) * 9;
                }
                float most = before;
                for (int i = from; i < to; i++) {
                    most = Math.max(most, scores[1 + i]);
                }
                float[] sums = new float[LANES];
                double exact = 0;
                for (int i = from; i < to; i++) {
                    exact += Math.exp((double) scores[1 + i] - most);
                }
                float[] result = new float[3];
                NativeLoops.weigh(scores, 1, count, from, to, before, result, 1);
                for (int i = 0; i < count; i++) {
                    float weight = scores[1 + i];
                    assertEquals(
                            i >= from && i < to ? Math.exp(Math.cos(1 + i) * 9 - most) : 0, weight, 2e-6, "score " + i);
                    sums[i % LANES] += weight;
                }
                assertEquals(most, result[1]);
                assertEquals(VectorMath.sum(sums, 0, LANES), result[2]);
                assertEquals(exact, result[2], 1e-6 * exact);
            }
        }
    }

    /** Element 2 + i of x and the one {@code pairs} after it, turned by element 1 + i of cosines and sines. */
    static float[] turned(float[] x, float[] cosines, float[] sines, int pairs) {
        float[] turned = x.clone();
        for (int i = 0; i < pairs; i++) {
            float a = x[2 + i];
            float b = x[2 + pairs + i];
            turned[2 + i] = a * cosines[1 + i] - b * sines[1 + i];
            turned[2 + pairs + i] = b * cosines[1 + i] + a * sines[1 + i];
        }
        return turned;
    }

    @Test
    void pairsAreTurnedWithoutFusing() {
        int pairs = 37;
        float[] x = numbers(5, 2 + 2 * pairs);
        float[] cosines = numbers(6, pairs + 1);
        float[] sines = numbers(7, pairs + 1);
        float[] expected = turned(x, cosines, sines, pairs);
        NativeLoops.turn(x, 2, cosines, sines, 1, pairs);
        assertArrayEquals(expected, x);
    }

    @Test
    void halvesAreThoseOfTheJdk() {
        float[] x = numbers(8, 300);
        short[] expected = new short[900];
        short[] found = new short[900];
        for (int i = 0; i < 299; i++) {
            expected[2 + 3 * i] = Float.floatToFloat16(Math.clamp(x[1 + i], -65504f, 65504f));
        }
        NativeLoops.narrow(x, 1, MemorySegment.ofArray(found), 2, 3, 299);
        assertArrayEquals(expected, found);
        short[] all = new short[1 << 16];
        float[] wide = new float[1 << 16];
        float[] of = new float[1 << 16];
        for (int i = 0; i < all.length; i++) {
            all[i] = (short) i;
            wide[i] = Float.float16ToFloat(all[i]);
        }
        NativeLoops.widen(MemorySegment.ofArray(all), 0, of, 0, all.length);
        assertArrayEquals(wide, of);
    }

    @Test
    void placesOutsideOfArraysAreRefused() {
        float[] ten = new float[10];
        assertThrows(IndexOutOfBoundsException.class, () -> NativeLoops.add(ten, 3, ten, 0, ten, 0, 8));
        assertThrows(IndexOutOfBoundsException.class, () -> NativeLoops.scale(ten, 0, 1, ten, -1, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> NativeLoops.silu(ten, 0, 1, ten, 0, Integer.MAX_VALUE));
        MemorySegment four = MemorySegment.ofArray(new short[4]);
        assertThrows(IndexOutOfBoundsException.class, () -> NativeLoops.widen(four, 1, ten, 0, 4));
        assertThrows(IndexOutOfBoundsException.class, () -> NativeLoops.narrow(ten, 0, four, 1, 2, 3));
        int panel = 2 * LANES;
        MemorySegment panels = MemorySegment.ofArray(new float[2 * panel]);
        float[] sums = new float[panel];
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> NativeLoops.multiplyPanels(ten, 0, 2, 1, panels, 1, 2, 1, sums, 0, panel));
        assertThrows(IndexOutOfBoundsException.class, () -> NativeLoops.turn(ten, 0, ten, ten, 0, 6));
    }
}
