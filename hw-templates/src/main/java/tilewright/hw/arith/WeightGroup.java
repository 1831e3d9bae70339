package tilewright.hw.arith;

/**
 * How the codes of a group of weights become int8 weights: {@code saturate(minimum + round(code * scale / 256))}, ties to
 * even. The result has the scale of its whole channel, as weights of 8 bits have.
 *
 * @param scale 0 to 65 535: steps of a code, in units of 1/256 of a weight's
 * @param minimum the weight of code 0, -128 to 127
 */
public record WeightGroup(int scale, int minimum) {
    /** Bits of the scale below the binary point. */
    public static final int FRACTION_BITS = 8;

    /** Checks the ranges. */
    public WeightGroup {
        if (scale < 0 || scale > 0xFFFF || minimum < Byte.MIN_VALUE || minimum > Byte.MAX_VALUE) {
            throw new IllegalArgumentException("a group of weights with scale " + scale + " and minimum " + minimum
                    + "; a scale is 0 to 65535, a minimum -128 to 127");
        }
    }

    /** The weight of a code, 0 to 255. */
    public int apply(int code) {
        return (int) FixedPoint.saturate(minimum + FixedPoint.shiftHalfEven((long) code * scale, FRACTION_BITS), 8);
    }
}
