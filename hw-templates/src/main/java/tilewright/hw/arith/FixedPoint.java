package tilewright.hw.arith;

/** Rounding and saturation, as every unit of the accelerator performs them. */
public final class FixedPoint {
    private FixedPoint() {}

    /**
     * Divides by a power of two, rounding to nearest with ties to even.
     *
     * @param value any value
     * @param shift 0 to 63
     * @return {@code value / 2^shift}, rounded
     */
    public static long shiftHalfEven(long value, int shift) {
        if (shift == 0) {
            return value;
        }
        long quotient = value >> shift;
        long remainder = value - (quotient << shift);
        long half = 1L << (shift - 1);
        // The remainder of a shift by 63 does not fit a signed half: compare without sign.
        int order = Long.compareUnsigned(remainder, half);
        return order > 0 || (order == 0 && (quotient & 1) != 0) ? quotient + 1 : quotient;
    }

    /**
     * Limits a value to the range of a signed integer.
     *
     * @param bits width of the result, 2 to 63
     */
    public static long saturate(long value, int bits) {
        long highest = highest(bits);
        return Math.max(-highest - 1, Math.min(highest, value));
    }

    /** The largest signed integer of a width: {@code 2^(bits-1) - 1}. */
    public static long highest(int bits) {
        return (1L << (bits - 1)) - 1;
    }

    /** The number of bits of a non-negative value: 0 for 0, 1 for 1, 2 for 2 and 3. */
    public static int bitLength(long value) {
        return Long.SIZE - Long.numberOfLeadingZeros(value);
    }

    /** The smallest {@code n} with {@code 2^n >= value}, for a positive value. */
    public static int ceilLog2(long value) {
        return bitLength(value - 1);
    }
}
