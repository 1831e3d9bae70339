package tilewright.compiler.quant;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import tilewright.compiler.CompileException;
import tilewright.compiler.quant.LayerQuantiser.FloatLayer;
import tilewright.compiler.quant.LayerQuantiser.Widths;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.program.LinearParameters;

/** Quantised layers against the float layers that they stand for. */
class LayerQuantiserTest {
    private static final Widths EIGHT = new Widths(8, 8, 32);
    private static final Widths SIXTEEN = new Widths(16, 16, 48);
    private static final double INPUT_SCALE = 0.037;
    private static final double OUTPUT_SCALE = 0.0021;

    /** A layer in the middle of larger arrays, its rows of very different sizes. */
    private static FloatLayer random(Random random) {
        int outputs = 1 + random.nextInt(6);
        int inputs = 1 + random.nextInt(40);
        int offset = random.nextInt(7);
        int biasOffset = random.nextInt(5);
        float[] weights = new float[offset + outputs * inputs + 3];
        float[] bias = new float[biasOffset + outputs + 2];
        Arrays.fill(weights, Float.NaN);
        Arrays.fill(bias, Float.NaN);
        for (int o = 0; o < outputs; o++) {
            double size = Math.scalb(1.0, random.nextInt(24) - 12);
            for (int i = 0; i < inputs; i++) {
                weights[offset + o * inputs + i] = (float) (size * random.nextGaussian());
            }
            bias[biasOffset + o] = (float) (size * random.nextGaussian());
        }
        return new FloatLayer("random", weights, offset, outputs, inputs, bias, biasOffset);
    }

    private static double weight(FloatLayer layer, int output, int input) {
        return layer.weights()[layer.weightOffset() + output * layer.inputs() + input];
    }

    private static double largest(FloatLayer layer, int output) {
        double largest = 0;
        for (int i = 0; i < layer.inputs(); i++) {
            largest = Math.max(largest, Math.abs(weight(layer, output, i)));
        }
        return largest;
    }

    private static LinearParameters quantise(FloatLayer layer, Widths widths) {
        return LayerQuantiser.quantise(layer, widths, INPUT_SCALE, o -> OUTPUT_SCALE * (o + 1));
    }

    @Property(tries = 300)
    void everyWeightIsWithinHalfAStepOfItsRowsScale(@ForAll Random random) {
        FloatLayer layer = random(random);
        Widths widths = random.nextBoolean() ? EIGHT : SIXTEEN;
        LinearParameters quantised = quantise(layer, widths);
        double highest = Math.pow(2, widths.weightBits() - 1) - 1;
        for (int o = 0; o < layer.outputs(); o++) {
            double step = largest(layer, o) / highest;
            int top = 0;
            for (int i = 0; i < layer.inputs(); i++) {
                int code = quantised.weights()[o * layer.inputs() + i];
                top = Math.max(top, Math.abs(code));
                assertEquals(weight(layer, o, i), code * step, 0.5000001 * step);
            }
            assertEquals(highest, top, "the largest weight takes the largest code");
            double unit = step * INPUT_SCALE;
            assertEquals(layer.bias(o), quantised.bias()[o] * unit, 0.5000001 * unit);
            assertEquals(
                    unit / (OUTPUT_SCALE * (o + 1)),
                    quantised.scales()[o].factor(),
                    1e-9 * unit / OUTPUT_SCALE,
                    "from the accumulator's unit to the output's");
        }
    }

    @Property(tries = 300)
    void resultsAreAsNearAsHalfStepsOfWeightsBiasAndOutputAllow(@ForAll Random random) {
        FloatLayer layer = random(random);
        Widths widths = random.nextBoolean() ? EIGHT : SIXTEEN;
        LinearParameters quantised = quantise(layer, widths);
        double highest = Math.pow(2, widths.weightBits() - 1) - 1;
        int[] input =
                random.ints(layer.inputs(), -(int) highest, (int) highest + 1).toArray();
        for (int o = 0; o < layer.outputs(); o++) {
            double step = largest(layer, o) / highest;
            double exact = layer.bias(o);
            double error = 0.5 * step * INPUT_SCALE + 0.5 * OUTPUT_SCALE * (o + 1);
            long sum = quantised.bias()[o];
            for (int i = 0; i < layer.inputs(); i++) {
                exact += weight(layer, o, i) * input[i] * INPUT_SCALE;
                error += 0.5 * step * Math.abs(input[i]) * INPUT_SCALE;
                sum += (long) quantised.weights()[o * layer.inputs() + i] * input[i];
            }
            double found = quantised.scales()[o].apply(sum, 40) * OUTPUT_SCALE * (o + 1);
            assertEquals(exact, found, error * (1 + 1e-6) + Math.abs(exact) * 1e-8);
        }
    }

    @Property(tries = 300)
    void noInputOverflowsTheAccumulator(@ForAll Random random) {
        FloatLayer drawn = random(random);
        // Biases far beyond what weights and inputs can reach, and rows of no weights at all.
        float[] weights = drawn.weights().clone();
        float[] bias = drawn.bias().clone();
        for (int o = 0; o < drawn.outputs(); o++) {
            bias[drawn.biasOffset() + o] *= (float) Math.pow(10, random.nextInt(10));
            if (random.nextInt(4) == 0) {
                int row = drawn.weightOffset() + o * drawn.inputs();
                Arrays.fill(weights, row, row + drawn.inputs(), 0);
            }
        }
        FloatLayer layer = new FloatLayer(
                drawn.name(), weights, drawn.weightOffset(), drawn.outputs(), drawn.inputs(), bias, drawn.biasOffset());
        for (Widths widths : new Widths[] {EIGHT, SIXTEEN, new Widths(16, 8, 48)}) {
            LinearParameters quantised = quantise(layer, widths);
            long worstInput = 1L << (widths.inputBits() - 1);
            long end = 1L << (widths.accumulatorBits() - 1);
            for (int o = 0; o < layer.outputs(); o++) {
                long worst = Math.abs(quantised.bias()[o]);
                for (int i = 0; i < layer.inputs(); i++) {
                    worst += Math.abs(quantised.weights()[o * layer.inputs() + i]) * worstInput;
                }
                assertTrue(worst < end, worst + " in " + widths);
                double found = quantised.bias()[o] * quantised.scales()[o].factor() * OUTPUT_SCALE * (o + 1);
                assertEquals(layer.bias(o), found, Math.abs(layer.bias(o)) * 1e-8 + largest(layer, o) * INPUT_SCALE);
            }
        }
    }

    @Example
    void aRowOfZerosIsZeroForEveryInput() {
        FloatLayer layer = new FloatLayer("zeros", new float[] {0, 0, 1, -2}, 0, 2, 2, new float[] {0, 0}, 0);
        LinearParameters quantised = quantise(layer, EIGHT);

        assertEquals(new Requantizer(0, 0), quantised.scales()[0]);
        assertEquals(0, quantised.bias()[0]);
        assertArrayEquals(new short[] {0, 0, 64, -127}, quantised.weights(), "63.5 goes to even");
    }

    @Example
    void aBiasAloneIsKept() {
        FloatLayer layer = new FloatLayer("bias", new float[] {0, 0}, 0, 1, 2, new float[] {-0.75f}, 0);
        LinearParameters quantised = quantise(layer, EIGHT);

        assertArrayEquals(new short[] {0, 0}, quantised.weights());
        assertEquals(
                Math.rint(-0.75 / OUTPUT_SCALE),
                quantised.scales()[0].apply(quantised.bias()[0], 16));
    }

    @Example
    void tinyWeightsBesideALargeBiasGiveWayToIt() {
        FloatLayer layer = new FloatLayer("tiny", new float[] {1e-9f, -1e-9f}, 0, 1, 2, new float[] {3}, 0);
        LinearParameters quantised = quantise(layer, EIGHT);

        assertTrue(Math.abs(quantised.bias()[0]) <= 1L << 29, "a quarter of the accumulator");
        assertEquals(
                Math.rint(3 / OUTPUT_SCALE),
                quantised.scales()[0].apply(quantised.bias()[0], 16));
    }

    @Example
    void aLayerWithoutBiasHasNone() {
        FloatLayer layer = new FloatLayer("plain", new float[] {1, 2, 3, 4}, 0, 2, 2, null, 0);

        assertArrayEquals(new long[] {0, 0}, quantise(layer, SIXTEEN).bias());
    }

    @Example
    void aLayerTooWideForTheAccumulatorIsRefusedWithTheNumbers() {
        float[] weights = new float[1 << 18];
        Arrays.fill(weights, 0.5f);
        FloatLayer layer = new FloatLayer("block3.fc2.weight", weights, 0, 1, weights.length, null, 0);

        assertEquals(
                "block3.fc2.weight: the accumulator needs 33 bits, the design has 32; split its 262144 inputs or use"
                        + " 16-bit arithmetic",
                assertThrows(CompileException.class, () -> quantise(layer, EIGHT))
                        .getMessage());
        assertEquals(
                "block3.fc2.weight: the accumulator needs 49 bits, the design has 48; split its 262144 inputs",
                assertThrows(CompileException.class, () -> quantise(layer, SIXTEEN))
                        .getMessage());
    }

    @Example
    void rangesThatNoRequantiserBridgesAreRefused() {
        FloatLayer layer = new FloatLayer("block3.fc2.weight", new float[] {1e9f}, 0, 1, 1, null, 0);

        assertEquals(
                "block3.fc2.weight: a requantisation factor must lie in [0, 2^31), not 7.874015748031497E9; the ranges of its"
                        + " input and output on the calibration images do not go together: give other images with"
                        + " --calibrate",
                assertThrows(CompileException.class, () -> LayerQuantiser.quantise(layer, EIGHT, 1, o -> 0.001))
                        .getMessage()
                        .replaceFirst("not [0-9.E]+;", "not 7.874015748031497E9;"));
    }
}
