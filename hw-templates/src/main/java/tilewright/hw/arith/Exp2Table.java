package tilewright.hw.arith;

/**
 * The function 2^f on [0, 1): a table of 256 entries with linear interpolation.
 *
 * <p>The result lies in [1, 2) with {@link SoftmaxFormat#mantissaBits()} fraction bits; the interpolation is off by at
 * most 1.9e-6, and the function never decreases.
 */
public final class Exp2Table {
    /** Bits of the table's index. */
    public static final int INDEX_BITS = 8;

    private static final int STEP_BITS = SoftmaxFormat.SCORE_FRACTION - INDEX_BITS;

    private final int[] base;

    /** Computes the table for one width. */
    public Exp2Table(SoftmaxFormat format) {
        base = new int[(1 << INDEX_BITS) + 1];
        for (int i = 0; i < base.length; i++) {
            base[i] = (int) Math.rint(Math.scalb(Math.pow(2, (double) i / (1 << INDEX_BITS)), format.mantissaBits()));
        }
    }

    /**
     * The mantissa of a fraction.
     *
     * @param fraction 0 to 2^{@value SoftmaxFormat#SCORE_FRACTION} - 1
     */
    public long mantissa(int fraction) {
        int index = fraction >> STEP_BITS;
        long step = fraction & ((1 << STEP_BITS) - 1);
        long slope = base[index + 1] - base[index];
        return base[index] + ((slope * step + (1 << (STEP_BITS - 1))) >> STEP_BITS);
    }

    /** The 257 table entries. */
    public int[] entries() {
        return base.clone();
    }
}
