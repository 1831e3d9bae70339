package tilewright.edge.matrix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/** Rows grouped by expert against a float64 model of the layer. */
class ExpertProductTest {
    private static final int EXPERTS = 7;
    private static final int WIDTH = 256;
    private static final int HIDDEN = 512;
    private static final int OUTPUTS = 200;

    private final Random random = new Random(11);
    private final EncodedMatrix gate = Stored.random(random, DType.Q4_K, EXPERTS * HIDDEN, WIDTH);
    private final EncodedMatrix up = Stored.random(random, DType.Q5_0, EXPERTS * HIDDEN, WIDTH);
    private final EncodedMatrix down = Stored.random(random, DType.Q6_K, EXPERTS * OUTPUTS, HIDDEN);
    private final float[] gateBias = Stored.activations(random, EXPERTS * HIDDEN);
    private final float[] upBias = Stored.activations(random, EXPERTS * HIDDEN);
    private final float[] downBias = Stored.activations(random, EXPERTS * OUTPUTS);

    /** A smooth unit: gate * up / (1 + |gate|). */
    private static void unit(float[] gate, float[] up, int at, int count) {
        for (int i = at; i < at + count; i++) {
            gate[i] = gate[i] * (up == null ? 1 : up[i]) / (1 + Math.abs(gate[i]));
        }
    }

    private ExpertProduct.Layer layer(boolean gated) {
        ExpertWeights weights =
                ExpertWeights.of("experts", List.of(gate), gated ? List.of(up) : null, List.of(down), EXPERTS);
        return new ExpertProduct.Layer(weights, gateBias, gated ? upBias : null, downBias, ExpertProductTest::unit);
    }

    private static double dot(float[] w, int row, float[] x, int at, double[] y, int width, double bias) {
        double sum = bias;
        for (int i = 0; i < width; i++) {
            sum += (double) w[row * width + i] * (x == null ? y[i] : x[at + i]);
        }
        return sum;
    }

    private double[] expected(int expert, float[] x, int at, boolean gated) {
        float[] g = Stored.decoded(List.of(gate.slice((long) expert * HIDDEN, HIDDEN)));
        float[] u = Stored.decoded(List.of(up.slice((long) expert * HIDDEN, HIDDEN)));
        float[] d = Stored.decoded(List.of(down.slice((long) expert * OUTPUTS, OUTPUTS)));
        double[] inner = new double[HIDDEN];
        for (int h = 0; h < HIDDEN; h++) {
            double a = dot(g, h, x, at, null, WIDTH, gateBias[expert * HIDDEN + h]);
            double b = gated ? dot(u, h, x, at, null, WIDTH, upBias[expert * HIDDEN + h]) : 1;
            inner[h] = a * b / (1 + Math.abs(a));
        }
        double[] out = new double[OUTPUTS];
        for (int o = 0; o < OUTPUTS; o++) {
            out[o] = dot(d, o, null, 0, inner, HIDDEN, downBias[expert * OUTPUTS + o]);
        }
        return out;
    }

    private static Parallel pool(ExecutorService service, int threads) {
        KernelScratch[] scratches = new KernelScratch[threads];
        Arrays.setAll(scratches, i -> new KernelScratch());
        return new Parallel() {
            @Override
            public int threads() {
                return threads;
            }

            @Override
            public void forEach(int items, Work work) {
                List<Future<?>> running = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    int first = t;
                    running.add(service.submit(() -> {
                        for (int item = first; item < items; item += threads) {
                            work.run(item, scratches[first]);
                        }
                    }));
                }
                for (Future<?> future : running) {
                    try {
                        future.get();
                    } catch (InterruptedException | ExecutionException e) {
                        throw new IllegalStateException(e);
                    }
                }
            }
        };
    }

    private float[] run(Parallel threads, ExpertProduct.Layer layer, float[] queue, int[] offsets, int rows) {
        float[] out = new float[3 + rows * (OUTPUTS + 1)];
        new ExpertProduct(VectorKernels.INSTANCE)
                .multiply(threads, layer, ActivationPrecision.FLOAT, queue, 2, WIDTH + 3, offsets, out, 3, OUTPUTS + 1);
        return out;
    }

    /** Row counts per expert: decode of few rows, several experts of many rows, one expert with all. */
    @ParameterizedTest
    @CsvSource({"0 1 0 0 1 0 0, true", "3 9 1 0 14 2 7, true", "0 0 0 0 0 0 31, true", "1 1 1 1 1 1 1, false"})
    void everyRowMeetsItsOwnExpert(String counts, boolean gated) {
        int[] offsets = new int[EXPERTS + 1];
        String[] each = counts.split(" ");
        for (int e = 0; e < EXPERTS; e++) {
            offsets[e + 1] = offsets[e] + Integer.parseInt(each[e]);
        }
        int rows = offsets[EXPERTS];
        float[] queue = Stored.activations(random, 2 + rows * (WIDTH + 3));
        ExpertProduct.Layer layer = layer(gated);
        float[] serial = run(Parallel.serial(), layer, queue, offsets, rows);
        try (ExecutorService service = Executors.newFixedThreadPool(3)) {
            for (int threads : new int[] {1, 2, 3}) {
                assertArrayEquals(serial, run(pool(service, threads), layer, queue, offsets, rows));
            }
        }
        for (int e = 0; e < EXPERTS; e++) {
            for (int row = offsets[e]; row < offsets[e + 1]; row++) {
                double[] expected = expected(e, queue, 2 + row * (WIDTH + 3), gated);
                double scale = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
                for (int o = 0; o < OUTPUTS; o++) {
                    double actual = serial[3 + row * (OUTPUTS + 1) + o];
                    assertEquals(expected[o], actual, 2e-5 * scale, "expert " + e + ", row " + row + ", output " + o);
                }
            }
        }
    }

    @Test
    void anExpertWithoutRowsIsNeverPacked() {
        ExpertProduct.Layer layer = layer(true);
        int[] offsets = {0, 0, 0, 1, 1, 1, 1, 1};
        // The first product may do without.
        for (int i = 0; i < 2; i++) {
            run(Parallel.serial(), layer, Stored.activations(random, 2 * WIDTH), offsets, 1);
        }
        for (int e = 0; e < EXPERTS; e++) {
            boolean packed = layer.weights().acquire(e).gate().isPacked();
            layer.weights().release(e);
            if (e == 2) {
                assertTrue(packed);
            } else {
                assertFalse(packed, "expert " + e);
            }
        }
    }

    @Test
    void shapesThatDoNotBelongTogetherAreRefused() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> ExpertWeights.of("blk.1", List.of(gate), null, List.of(down), EXPERTS - 2));
        assertEquals("blk.1.gate has 3584 rows, expected a multiple of 5 experts", refused.getMessage());
    }
}
