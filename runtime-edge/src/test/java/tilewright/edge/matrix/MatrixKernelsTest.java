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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.graph.EncodedMatrix;
import tilewright.model.tensor.DType;

/** Products with stored weights against float64 products with the values that the formats' codecs decode. */
class MatrixKernelsTest {
    /** Of the sum of |x| times the largest |w| of a row: a few roundings of float32. */
    private static final double FLOAT_TOLERANCE = 4e-6;

    private static final float UNTOUCHED = 12345.5f;

    static Stream<DType> formats() {
        return Stored.FORMATS.stream();
    }

    record Case(List<EncodedMatrix> parts, int rows, float[] x, int stride, float[] bias) {
        int outputs() {
            return (int) parts.stream().mapToLong(EncodedMatrix::rows).sum();
        }

        int width() {
            return parts.getFirst().width();
        }
    }

    static Case random(Random random, List<DType> formats, int outputs, int width, int rows) {
        List<EncodedMatrix> parts = new ArrayList<>();
        for (DType format : formats) {
            parts.add(Stored.random(random, format, outputs, width));
        }
        int stride = width + random.nextInt(5);
        float[] x = Stored.activations(random, 3 + rows * stride);
        float[] bias = random.nextBoolean() ? null : Stored.activations(random, 7 + outputs * formats.size());
        return new Case(parts, rows, x, stride, bias);
    }

    static void check(MatrixKernels kernels, Case c, ActivationPrecision precision, String message) {
        MatrixWeights weights = MatrixWeights.of("w", c.parts());
        Activations x = Activations.of(kernels, c.x(), 3, c.stride(), c.rows(), c.width(), precision);
        int yStride = c.outputs() + 3;
        float[] y = new float[2 + c.rows() * yStride];
        Arrays.fill(y, UNTOUCHED);
        int cut = weights.panels() / 3;
        KernelScratch scratch = new KernelScratch();
        kernels.multiply(weights, x, 0, c.rows(), 0, cut, c.bias(), 7, y, 2, yStride, scratch);
        kernels.multiply(weights, x, 0, c.rows(), cut, weights.panels(), c.bias(), 7, y, 2, yStride, scratch);
        float[] w = Stored.decoded(c.parts());
        for (int r = 0; r < c.rows(); r++) {
            for (int o = 0; o < c.outputs(); o++) {
                double expected = c.bias() == null ? 0 : c.bias()[7 + o];
                double bias = Math.abs(expected);
                double magnitudes = 0;
                double largest = 0;
                double rounded = 0;
                for (int from = 0; from < c.width(); from += 32) {
                    double block = 0;
                    double weight = 0;
                    for (int i = from; i < Math.min(c.width(), from + 32); i++) {
                        double xi = c.x()[3 + r * c.stride() + i];
                        double wi = w[o * c.width() + i];
                        expected += xi * wi;
                        magnitudes += Math.abs(xi);
                        largest = Math.max(largest, Math.abs(wi));
                        block = Math.max(block, Math.abs(xi));
                        weight += Math.abs(wi);
                    }
                    rounded += weight * block / 253;
                }
                double tolerance = FLOAT_TOLERANCE * magnitudes * largest
                        + 2e-7 * (bias + Math.abs(expected))
                        + (precision == ActivationPrecision.INT8 ? rounded : 0);
                double actual = y[2 + r * yStride + o];
                assertEquals(expected, actual, tolerance, message + ", row " + r + ", output " + o);
            }
            for (int gap = c.outputs(); gap < yStride && 2 + r * yStride + gap < y.length; gap++) {
                assertEquals(UNTOUCHED, y[2 + r * yStride + gap], message + ": wrote beyond row " + r);
            }
        }
    }

    static int width(Random random, DType format) {
        return switch (format.blockElements()) {
            case 256 -> 256 * (1 + random.nextInt(6));
            case 32 -> 32 * (1 + random.nextInt(40));
            default -> 1 + random.nextInt(1200);
        };
    }

    @ParameterizedTest
    @MethodSource("formats")
    void productsOfAnyShapeAreThoseOfTheDecodedValues(DType format) {
        for (long seed = 0; seed < 14; seed++) {
            Random random = new Random(seed);
            int rows = seed < 8 ? 1 + (int) seed : 1 + random.nextInt(70);
            Case c = random(random, List.of(format), 1 + random.nextInt(100), width(random, format), rows);
            String message = format.label() + ", seed " + seed + ", " + c.outputs() + " x " + c.width();
            check(VectorKernels.INSTANCE, c, ActivationPrecision.FLOAT, message);
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void eightBitActivationsStayWithinTheirRounding(DType format) {
        for (long seed = 100; seed < 110; seed++) {
            Random random = new Random(seed);
            int rows = 1 + random.nextInt(9);
            Case c = random(random, List.of(format), 1 + random.nextInt(100), width(random, format), rows);
            String message = format.label() + ", seed " + seed + ", " + c.outputs() + " x " + c.width();
            check(VectorKernels.INSTANCE, c, ActivationPrecision.INT8, message);
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void theSmallestMatrixIsOneBlockOfOneRow(DType format) {
        Case c = random(new Random(1), List.of(format), 1, format.blockElements(), 1);
        check(VectorKernels.INSTANCE, c, ActivationPrecision.FLOAT, format.label());
        check(VectorKernels.INSTANCE, c, ActivationPrecision.INT8, format.label());
        check(ScalarKernels.INSTANCE, c, ActivationPrecision.FLOAT, format.label());
    }

    @ParameterizedTest
    @MethodSource("formats")
    void plainKernelsComputeTheSame(DType format) {
        Random random = new Random(3);
        Case c = random(random, List.of(format), 37, width(random, format), 4);
        check(ScalarKernels.INSTANCE, c, ActivationPrecision.FLOAT, format.label());
    }

    @ParameterizedTest
    @MethodSource("formats")
    void rowsDecodeToTheSameBitsBeforeAndAfterPacking(DType format) {
        Random random = new Random(4);
        int width = width(random, format);
        EncodedMatrix part = Stored.random(random, format, 35, width);
        float[] expected = Stored.decoded(List.of(part));
        MatrixWeights weights = MatrixWeights.of("table", List.of(part));
        float[] before = new float[expected.length];
        float[] after = new float[expected.length];
        for (int row = 0; row < 35; row++) {
            weights.row(row, before, row * width);
        }
        assertFalse(weights.isPacked());
        weights.pack();
        assertTrue(weights.isPacked());
        for (int row = 0; row < 35; row++) {
            weights.row(row, after, row * width);
        }
        assertArrayEquals(expected, before);
        assertArrayEquals(expected, after);
    }

    @Test
    void partsOfSeveralFormatsAreOneMatrix() {
        List<DType> formats = List.of(DType.Q4_K, DType.Q4_K, DType.Q6_K, DType.F32, DType.BF16);
        for (int rows : new int[] {1, 2, 9}) {
            Case c = random(new Random(rows), formats, 21, 512, rows);
            check(VectorKernels.INSTANCE, c, ActivationPrecision.FLOAT, rows + " rows");
            check(ScalarKernels.INSTANCE, c, ActivationPrecision.FLOAT, rows + " rows");
        }
    }

    @Test
    void threadsAndPiecesDoNotChangeABit() {
        Random random = new Random(9);
        for (int rows : new int[] {1, 3, 20}) {
            Case c = random(random, List.of(DType.Q4_0), 333, 1056, rows);
            MatrixWeights weights = MatrixWeights.of("w", c.parts());
            Activations x = Activations.of(c.x(), 3, c.stride(), rows, c.width(), ActivationPrecision.FLOAT);
            float[] one = new float[rows * 333];
            float[] many = new float[rows * 333];
            VectorKernels.INSTANCE.multiply(Parallel.serial(), weights, x, c.bias(), 7, one, 0, 333);
            KernelScratch scratch = new KernelScratch();
            for (int panel = weights.panels() - 1; panel >= 0; panel--) {
                VectorKernels.INSTANCE.multiply(
                        weights, x, 0, rows, panel, panel + 1, c.bias(), 7, many, 0, 333, scratch);
            }
            assertArrayEquals(one, many);
        }
    }

    @Test
    void widthsThatDifferAreRefused() {
        MatrixWeights weights = MatrixWeights.of("ffn.up", List.of(Stored.random(new Random(1), DType.Q8_0, 4, 64)));
        Activations x = Activations.of(new float[32], 0, 32, 1, 32, ActivationPrecision.FLOAT);
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> VectorKernels.INSTANCE.multiply(
                        weights, x, 0, 1, 0, 1, null, 0, new float[4], 0, 4, new KernelScratch()));
        assertEquals("rows of 32 activations meet ffn.up [4, 64], expected 64", refused.getMessage());
    }
}
