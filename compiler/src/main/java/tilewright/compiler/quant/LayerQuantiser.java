package tilewright.compiler.quant;

import java.util.function.IntToDoubleFunction;
import tilewright.compiler.CompileException;
import tilewright.hw.arith.FixedPoint;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.program.LinearParameters;

/** Quantises weights symmetrically per output channel and proves the accumulators. */
final class LayerQuantiser {
    private LayerQuantiser() {}

    /**
     * A float linear layer, or a slice of stacked ones.
     *
     * @param weights row-major matrices
     * @param weightOffset where this layer's {@code [outputs, inputs]} begins
     * @param bias null for none
     * @param biasOffset where this layer's biases begin
     */
    record FloatLayer(
            String name, float[] weights, int weightOffset, int outputs, int inputs, float[] bias, int biasOffset) {
        double bias(int output) {
            return bias == null ? 0 : bias[biasOffset + output];
        }
    }

    /** Widths of weights, inputs and accumulator. */
    record Widths(int weightBits, int inputBits, int accumulatorBits) {}

    /**
     * Quantises a layer.
     *
     * @param inputScale value of one unit of the input
     * @param outputScale value of one unit of each output
     */
    static LinearParameters quantise(
            FloatLayer layer, Widths widths, double inputScale, IntToDoubleFunction outputScale) {
        short[] codes = new short[layer.outputs() * layer.inputs()];
        long[] bias = new long[layer.outputs()];
        Requantizer[] scales = new Requantizer[layer.outputs()];
        double highest = FixedPoint.highest(widths.weightBits());
        for (int o = 0; o < layer.outputs(); o++) {
            int row = layer.weightOffset() + o * layer.inputs();
            double largest = 0;
            for (int i = 0; i < layer.inputs(); i++) {
                largest = Math.max(largest, Math.abs(layer.weights()[row + i]));
            }
            // A row of tiny weights takes a coarser scale, so that its bias fits a quarter of the accumulator.
            double weightScale = Math.max(
                    largest / highest,
                    Math.abs(layer.bias(o)) / inputScale / (FixedPoint.highest(widths.accumulatorBits() - 2)));
            if (weightScale == 0) {
                scales[o] = new Requantizer(0, 0);
                continue;
            }
            for (int i = 0; i < layer.inputs(); i++) {
                codes[o * layer.inputs() + i] = (short) Math.rint(layer.weights()[row + i] / weightScale);
            }
            bias[o] = (long) Math.rint(layer.bias(o) / (inputScale * weightScale));
            scales[o] = requantizer(layer.name(), inputScale * weightScale / outputScale.applyAsDouble(o));
        }
        try {
            return new LinearParameters(layer.name(), layer.outputs(), layer.inputs(), codes, bias, scales)
                    .requireAccumulator(widths.inputBits(), widths.accumulatorBits());
        } catch (ArithmeticException e) {
            throw new CompileException(e.getMessage());
        }
    }

    /** The requantiser of a factor, which only senseless ranges put out of bounds. */
    static Requantizer requantizer(String name, double factor) {
        try {
            return Requantizer.of(factor);
        } catch (IllegalArgumentException e) {
            throw new CompileException(name + ": " + e.getMessage() + "; the ranges of its input and output on the"
                    + " calibration images do not go together: give other images with --calibrate");
        }
    }
}
