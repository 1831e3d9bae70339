package tilewright.hw.arith;

/**
 * Softmax of one row in a single pass over its scores, with rescaling by exact shifts.
 *
 * <p>Online softmax (Milakov and Gimelshein, 2018) in base 2. The running maximum is kept as an integer exponent, so a
 * larger score rescales the sum by a power of two: no multiplier in the loop, no rounding that accumulates, no wrap at
 * any spread. Usage: {@link #reset()}, {@link #add(long)} for each score, {@link #finish()}, then
 * {@link #probability(long)} for any of the scores.
 */
public final class OnlineSoftmax {
    private static final int LOWEST_EXPONENT = -(1 << (SoftmaxFormat.SCORE_BITS - SoftmaxFormat.SCORE_FRACTION));
    private static final int FRACTION_MASK = (1 << SoftmaxFormat.SCORE_FRACTION) - 1;
    private static final int MAX_SHIFT = 63;

    /** Bits of the normalised sum and of its reciprocal. */
    public static final int RECIPROCAL_BITS = 24;

    private final Exp2Table exp2;
    private final int probabilityBits;
    private int exponent;
    private long sum;
    private long reciprocal;
    private int reciprocalShift;

    /** Makes an empty row of a format. */
    public OnlineSoftmax(SoftmaxFormat format) {
        exp2 = new Exp2Table(format);
        probabilityBits = format.probabilityBits();
        reset();
    }

    /** Forgets the row. */
    public void reset() {
        exponent = LOWEST_EXPONENT;
        sum = 0;
    }

    /**
     * Takes the next score of the row.
     *
     * @param score base-2 logarithm, {@link SoftmaxFormat#SCORE_BITS} bits with
     *     {@link SoftmaxFormat#SCORE_FRACTION} fraction bits
     */
    public void add(long score) {
        int whole = (int) (score >> SoftmaxFormat.SCORE_FRACTION);
        long mantissa = exp2.mantissa((int) score & FRACTION_MASK);
        if (whole > exponent) {
            sum = (sum >> Math.min(whole - exponent, MAX_SHIFT)) + mantissa;
            exponent = whole;
        } else {
            sum += mantissa >> Math.min(exponent - whole, MAX_SHIFT);
        }
    }

    /** Ends the row: takes the reciprocal of the sum, normalised to {@value #RECIPROCAL_BITS} bits. */
    public void finish() {
        int length = FixedPoint.bitLength(sum);
        long normalised =
                length > RECIPROCAL_BITS ? sum >> (length - RECIPROCAL_BITS) : sum << (RECIPROCAL_BITS - length);
        reciprocal = (1L << (2 * RECIPROCAL_BITS - 1)) / normalised;
        reciprocalShift = RECIPROCAL_BITS - 1 + length - probabilityBits;
    }

    /**
     * The probability of one of the row's scores, after {@link #finish()}.
     *
     * @return 0 to {@code 1 << probabilityBits}
     */
    public long probability(long score) {
        int whole = (int) (score >> SoftmaxFormat.SCORE_FRACTION);
        long mantissa = exp2.mantissa((int) score & FRACTION_MASK) >> Math.min(exponent - whole, MAX_SHIFT);
        return Math.min(FixedPoint.shiftHalfEven(mantissa * reciprocal, reciprocalShift), 1L << probabilityBits);
    }
}
