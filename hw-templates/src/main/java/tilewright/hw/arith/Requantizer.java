package tilewright.hw.arith;

/**
 * Multiplies an accumulator by a real factor in integers: {@code saturate(round(value * multiplier / 2^shift))}.
 *
 * <p>The multiplier is normalised to 31 bits, so that the factor is exact to 2^-31; a power-of-two factor has a
 * multiplier that is a power of two. The product of a 48-bit accumulator and the multiplier needs 79 bits and is kept
 * whole.
 *
 * @param multiplier 0 (the factor is zero) or 2^30 to 2^31 - 1
 * @param shift 0 to {@value #MAX_SHIFT}
 */
public record Requantizer(int multiplier, int shift) {
    /** Largest shift; every 79-bit product rounds to zero there. */
    public static final int MAX_SHIFT = 95;

    /** Largest width of a result. */
    public static final int MAX_RESULT_BITS = 40;

    /** Bits of a normalised multiplier without its sign. */
    public static final int MULTIPLIER_BITS = 31;

    /** Checks the ranges. */
    public Requantizer {
        if (multiplier < 0 || shift < 0 || shift > MAX_SHIFT) {
            throw new IllegalArgumentException(
                    "requantiser " + multiplier + " >> " + shift + " is outside 0..2^31-1 >> 0.." + MAX_SHIFT);
        }
    }

    /**
     * The requantiser nearest to a factor.
     *
     * @param factor finite, not negative, below 2^31
     * @throws IllegalArgumentException for any other factor
     */
    public static Requantizer of(double factor) {
        if (!(factor >= 0) || factor >= 0x1p31) {
            throw new IllegalArgumentException("a requantisation factor must lie in [0, 2^31), not " + factor);
        }
        if (factor == 0) {
            return new Requantizer(0, 0);
        }
        int exponent = Math.getExponent(factor);
        long multiplier = (long) Math.rint(Math.scalb(factor, MULTIPLIER_BITS - 1 - exponent));
        int shift = MULTIPLIER_BITS - 1 - exponent;
        if (multiplier == 1L << MULTIPLIER_BITS) {
            multiplier >>= 1;
            shift--;
        }
        return shift > MAX_SHIFT ? new Requantizer(0, 0) : new Requantizer((int) multiplier, shift);
    }

    /** The factor that this requantiser applies. */
    public double factor() {
        return Math.scalb((double) multiplier, -shift);
    }

    /**
     * Requantises one accumulator.
     *
     * @param value at most 48 bits
     * @param bits width of the result, at most {@value #MAX_RESULT_BITS}
     */
    public long apply(long value, int bits) {
        long high = Math.multiplyHigh(value, multiplier);
        long low = value * multiplier;
        boolean fits = high == low >> 63;
        if (fits && shift < Long.SIZE) {
            return FixedPoint.saturate(FixedPoint.shiftHalfEven(low, shift), bits);
        }
        if (shift < Long.SIZE - MAX_RESULT_BITS) {
            return high < 0 ? -FixedPoint.highest(bits) - 1 : FixedPoint.highest(bits);
        }
        return FixedPoint.saturate(shiftWide(high, low), bits);
    }

    /** Rounds the product {@code high:low} for shifts that leave at most 64 bits of it. */
    private long shiftWide(long high, long low) {
        long quotient;
        long fraction; // what is shifted out, as an unsigned fraction of 2^64; bits below it are folded into its last
        if (shift <= Long.SIZE) {
            quotient = shift == Long.SIZE ? high : (high << (Long.SIZE - shift)) | (low >>> shift);
            fraction = low << (Long.SIZE - shift);
        } else {
            int rest = shift - Long.SIZE;
            quotient = high >> rest;
            fraction = (high << (Long.SIZE - rest)) | (low >>> rest) | (low << (Long.SIZE - rest) == 0 ? 0 : 1);
        }
        int order = Long.compareUnsigned(fraction, Long.MIN_VALUE);
        return order > 0 || (order == 0 && (quotient & 1) != 0) ? quotient + 1 : quotient;
    }
}
