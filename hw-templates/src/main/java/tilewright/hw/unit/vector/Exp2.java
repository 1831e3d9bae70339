package tilewright.hw.unit.vector;

import tilewright.hw.arith.Exp2Table;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.lang.Area;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.unit.pipeline.Interpolation;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.pipeline.Pipeline;

/** The mantissa of a score, as {@link Exp2Table} defines it: one per clock, 3 stages later with a hardware multiplier. */
final class Exp2 implements Area {
    /** The mantissa, in [1, 2). */
    final UInt mantissa;

    private final Interpolation power;

    Exp2(Pipeline line, Multiplier multiplier, SoftmaxFormat format, SInt score) {
        UInt fraction = score.low(SoftmaxFormat.SCORE_FRACTION).asUInt();
        int stepBits = SoftmaxFormat.SCORE_FRACTION - Exp2Table.INDEX_BITS;
        int[] entries = new Exp2Table(format).entries();
        power = new Interpolation(line, multiplier, entries, fraction.shr(stepBits), fraction.low(stepBits));
        mantissa = power.value.low(SoftmaxScale.MANTISSA_BITS).asUInt();
    }

    int latency() {
        return power.latency();
    }

    /** The whole part of a score. */
    static SInt whole(SInt score) {
        return score.shr(SoftmaxFormat.SCORE_FRACTION);
    }
}
