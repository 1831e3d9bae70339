package tilewright.hw.unit.vector;

import tilewright.hw.arith.FixedPoint;
import tilewright.hw.arith.OnlineSoftmax;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;

/** What {@link OnlineSoftmax#finish} knows of a row: all that its probabilities need besides the scores. */
public final class SoftmaxScale extends Bundle {
    /** Bits of a score's whole part. */
    static final int EXPONENT_BITS = SoftmaxFormat.SCORE_BITS - SoftmaxFormat.SCORE_FRACTION;
    /** Bits of a mantissa in [1, 2). */
    static final int MANTISSA_BITS = 25;

    /** The whole part of the largest score. */
    public final SInt exponent;
    /** The reciprocal of the normalised sum. */
    public final UInt reciprocal;
    /** By how many bits the sum is longer than a mantissa. */
    public final UInt extra;

    private SoftmaxScale(SoftmaxFormat format) {
        exponent = field(sint(EXPONENT_BITS));
        reciprocal = field(uint(OnlineSoftmax.RECIPROCAL_BITS + 1));
        extra = field(uint(extraBits(format)));
    }

    /** The type of the scales of rows of a format. */
    public static Type<SoftmaxScale> of(SoftmaxFormat format) {
        return () -> new SoftmaxScale(format);
    }

    /** The most bits by which a sum is longer than a mantissa. */
    static int longest(SoftmaxFormat format) {
        return FixedPoint.ceilLog2(format.rowLength());
    }

    static int extraBits(SoftmaxFormat format) {
        return FixedPoint.bitLength(Math.max(1, longest(format)));
    }
}
