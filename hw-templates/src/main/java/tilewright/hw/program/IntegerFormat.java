package tilewright.hw.program;

/**
 * Widths of an integer design.
 *
 * @param activationBits 8 or 16: activations between operators, and weights per output channel
 */
public record IntegerFormat(int activationBits) {
    /** Width of router weights, in every design: routing is discontinuous, so its weights are never narrow. */
    public static final int ROUTER_WEIGHT_BITS = 16;

    /** Width of router accumulators. */
    public static final int ROUTER_ACCUMULATOR_BITS = 48;

    /** Checks the width. */
    public IntegerFormat {
        if (activationBits != 8 && activationBits != 16) {
            throw new IllegalArgumentException("activations of " + activationBits + " bits: 8 and 16 are supported");
        }
    }

    /** Width of weights. */
    public int weightBits() {
        return activationBits;
    }

    /** Width of the residual stream, which every block adds to: 16 or 24 bits. */
    public int residualBits() {
        return activationBits == 8 ? 16 : 24;
    }

    /** Width of the accumulators of the linear and the attention unit: 32 or 48 bits. */
    public int accumulatorBits() {
        return activationBits == 8 ? 32 : 48;
    }
}
