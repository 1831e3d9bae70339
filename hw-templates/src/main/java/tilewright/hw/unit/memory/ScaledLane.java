package tilewright.hw.unit.memory;

import tilewright.hw.arith.WeightGroup;
import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;

/**
 * {@link WeightGroup#apply} of one code per clock, {@value #LATENCY} clocks later. Resources: a multiplier of 8 x 16 bits,
 * about 45 LUT and 90 FF; at most 3 levels of logic and a carry chain.
 */
final class ScaledLane extends Component {
    static final int LATENCY = 5;

    final UInt code = in(uint(WeightLayout.MOST_BITS));
    final UInt scale = in(uint(16));
    final SInt minimum = in(sint(8));
    final Bool moves = in(bool());
    final SInt weight = out(sint(8));

    private final UInt code1 = regWhen(code, moves);
    private final UInt scale1 = regWhen(scale, moves);
    private final SInt minimum1 = regWhen(minimum, moves);
    private final UInt product2 = regWhen(code1.times(scale1), moves);
    private final SInt minimum2 = regWhen(minimum1, moves);
    private final SInt sum3;
    private final Bool up3;
    private final SInt sum4;
    private final SInt weight5;

    ScaledLane() {
        UInt whole = product2.slice(23, WeightGroup.FRACTION_BITS).asUInt();
        Bits rest = product2.slice(WeightGroup.FRACTION_BITS - 2, 0);
        Bool half = product2.bit(WeightGroup.FRACTION_BITS - 1);
        sum3 = regWhen(whole.toSInt().plus(minimum2), moves);
        up3 = regWhen(half.and(rest.any().or(whole.bit(0))), moves);
        sum4 = regWhen(sum3.plusMod(up3.asUInt().toSInt()), moves);
        weight5 = regWhen(sum4.saturate(8), moves);
        weight.assign(weight5);
    }
}
