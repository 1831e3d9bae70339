package tilewright.hw.arith;

/**
 * Widths of a softmax over rows of a known length.
 *
 * <p>Scores are base-2 logarithms with {@link #SCORE_FRACTION} fraction bits. Probabilities have 13 fraction bits more
 * than the row length has, so that the rounding of a whole row stays below 2^-14 for up to 1 024 entries; mantissas
 * always have 24, so that the running sum loses no more than that.
 *
 * @param rowLength entries per row, 1 to {@value #MAX_ROW}
 */
public record SoftmaxFormat(int rowLength) {
    /** Fraction bits of a score. */
    public static final int SCORE_FRACTION = 16;

    /** Width of a score; it saturates, so that no spread of scores wraps. */
    public static final int SCORE_BITS = 40;

    /** Longest row for which the sum of a row is within 2^-12 of one is 1 024; longer rows keep its widths. */
    public static final int MAX_ROW = 1 << 14;

    private static final int MAX_PROBABILITY_BITS = 23;
    private static final int MANTISSA_BITS = 24;

    /** Checks the range. */
    public SoftmaxFormat {
        if (rowLength < 1 || rowLength > MAX_ROW) {
            throw new IllegalArgumentException("softmax rows of " + rowLength + " entries: 1 to " + MAX_ROW
                    + " are supported; use fewer tokens or a larger patch");
        }
    }

    /** Fraction bits of a probability; 1.0 is {@code 1 << probabilityBits()}. */
    public int probabilityBits() {
        return Math.min(MAX_PROBABILITY_BITS, 13 + FixedPoint.ceilLog2(rowLength));
    }

    /** Fraction bits of a mantissa in [1, 2). */
    public int mantissaBits() {
        return MANTISSA_BITS;
    }
}
