package tilewright.hw.arith;

/**
 * Integer LayerNorm of one row: exact sums, one square root and one division per row.
 *
 * <p>With inputs x of R bits and features D: the mean m is taken with {@link #fractionBits()} extra bits; c = x·2^f - m;
 * q = sum c² + epsilon; the inverse root of q is a 32-bit integer square root and a division; the normalised value
 * c/sqrt(q) never exceeds one, so it fits {@value #NORMALISED_FRACTION} fraction bits; the output is
 * {@code saturate(round((normalised * gamma + beta) / 2^shift))}. The factor sqrt(D) is part of gamma.
 *
 * <p>{@link #rootMeanSquare RMSNorm} is the same with a mean of zero.
 */
public final class LayerNormUnit {
    /** Fraction bits of a normalised value. */
    public static final int NORMALISED_FRACTION = 24;

    /** Width of gamma. */
    public static final int GAMMA_BITS = 18;

    /** Width of beta. */
    public static final int BETA_BITS = 48;

    private static final int SQUARE_SUM_BITS = 61;
    private static final int MAX_FRACTION = 8;

    private final int features;
    private final int inputBits;
    private final int fraction;
    private final boolean subtractsMean;

    /**
     * Makes the unit for rows of a length and width.
     *
     * @param features 1 to 8192
     * @param inputBits 8 to 24
     */
    public LayerNormUnit(int features, int inputBits) {
        this(features, inputBits, true);
    }

    /** The unit that leaves the mean where it is: RMSNorm of rows of a length and width. */
    public static LayerNormUnit rootMeanSquare(int features, int inputBits) {
        return new LayerNormUnit(features, inputBits, false);
    }

    private LayerNormUnit(int features, int inputBits, boolean subtractsMean) {
        this.subtractsMean = subtractsMean;
        this.features = features;
        this.inputBits = inputBits;
        fraction = Math.min(MAX_FRACTION, (SQUARE_SUM_BITS - FixedPoint.ceilLog2(features)) / 2 - inputBits);
        if (features < 1 || inputBits < 8 || inputBits > 24 || fraction < 0) {
            throw new IllegalArgumentException(
                    "LayerNorm of " + features + " features of " + inputBits + " bits does not fit 64-bit sums");
        }
    }

    /** Extra fraction bits of the mean. */
    public int fractionBits() {
        return fraction;
    }

    /**
     * Normalises one row.
     *
     * @param input D values of the unit's input width
     * @param parameters gamma and beta of D features
     * @param outputBits width of the results
     * @param output receives D values
     */
    public void apply(
            int[] input,
            int inputOffset,
            LayerNormParameters parameters,
            int outputBits,
            int[] output,
            int outputOffset) {
        long mean = subtractsMean ? mean(input, inputOffset) : 0;
        long squares = parameters.epsilon();
        for (int i = 0; i < features; i++) {
            long centred = ((long) input[inputOffset + i] << fraction) - mean;
            squares += centred * centred;
        }
        int normalise = (62 - FixedPoint.bitLength(squares)) & ~1;
        long inverse = (1L << 61) / squareRoot(squares << normalise);
        int shift = 61 - NORMALISED_FRACTION - normalise / 2;
        for (int i = 0; i < features; i++) {
            long centred = ((long) input[inputOffset + i] << fraction) - mean;
            long normalised = FixedPoint.shiftHalfEven(centred * inverse, shift);
            long scaled = normalised * parameters.gamma(i) + parameters.beta(i);
            output[outputOffset + i] =
                    (int) FixedPoint.saturate(FixedPoint.shiftHalfEven(scaled, parameters.shift()), outputBits);
        }
    }

    private long mean(int[] input, int inputOffset) {
        long sum = 0;
        for (int i = 0; i < features; i++) {
            sum += input[inputOffset + i];
        }
        // The offset makes the dividend positive, so that hardware divides without sign.
        long offset = (long) features << (inputBits + fraction);
        return ((sum << fraction) + features / 2 + offset) / features - (1L << (inputBits + fraction));
    }

    /** The integer square root, rounded down, of a value in [2^60, 2^62): 31 steps of one bit. */
    static long squareRoot(long value) {
        long root = 0;
        for (int bit = 30; bit >= 0; bit--) {
            long candidate = root | (1L << bit);
            if (candidate * candidate <= value) {
                root = candidate;
            }
        }
        return root;
    }
}
