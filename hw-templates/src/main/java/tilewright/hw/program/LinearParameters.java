package tilewright.hw.program;

import tilewright.hw.arith.FixedPoint;
import tilewright.hw.arith.Requantizer;

/**
 * A quantised linear layer: {@code requantise(bias[o] + sum_i weight[o][i] * x[i])}.
 *
 * @param name of the layer, for listings
 * @param outputs rows of the weight matrix
 * @param inputs columns of the weight matrix
 * @param weights {@code [outputs, inputs]}, row-major
 * @param bias one per output, in units of the accumulator
 * @param scales one per output, from the accumulator to the output's units
 */
public record LinearParameters(
        String name, int outputs, int inputs, short[] weights, long[] bias, Requantizer[] scales) {
    /** Checks the shapes. */
    public LinearParameters {
        if ((long) outputs * inputs != weights.length || bias.length != outputs || scales.length != outputs) {
            throw new IllegalArgumentException(name + ": " + weights.length + " weights, " + bias.length
                    + " biases and " + scales.length + " scales do not make [" + outputs + ", " + inputs + "]");
        }
    }

    /**
     * The number of bits that hold every partial sum for every input: the proof that the accumulator cannot overflow.
     *
     * <p>For each output, |bias| + sum |weight| · 2^(inputBits-1) bounds every partial sum in any order.
     *
     * @param inputBits width of the inputs
     */
    public int accumulatorBits(int inputBits) {
        long largest = 0;
        for (int o = 0; o < outputs; o++) {
            long magnitude = 0;
            for (int i = o * inputs; i < (o + 1) * inputs; i++) {
                magnitude += Math.abs(weights[i]);
            }
            // A sum of 2^63 and more wraps to a negative number: such a layer fits no accumulator.
            long bound = Math.abs(bias[o]) + (magnitude << (inputBits - 1));
            if (bound < 0) {
                return Long.SIZE + 1;
            }
            largest = Math.max(largest, bound);
        }
        return FixedPoint.bitLength(largest) + 1;
    }

    /**
     * This layer, if its accumulator fits.
     *
     * @throws ArithmeticException naming the layer and the bits that it needs
     */
    public LinearParameters requireAccumulator(int inputBits, int availableBits) {
        int needed = accumulatorBits(inputBits);
        if (needed > availableBits) {
            throw new ArithmeticException(name + ": the accumulator needs " + needed + " bits, the design has "
                    + availableBits + "; split its " + inputs + " inputs"
                    + (inputBits == 8 ? " or use 16-bit arithmetic" : ""));
        }
        return this;
    }
}
