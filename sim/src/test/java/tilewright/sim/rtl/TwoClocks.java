package tilewright.sim.rtl;

import tilewright.hw.lang.ClockDomain;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Crossing;
import tilewright.hw.lang.UInt;

/** Counters of three clocks, one of them with a reset that acts at once, and a count that crosses. */
final class TwoClocks extends Component {
    static final ClockDomain FAST = ClockDomain.of("fast");
    static final ClockDomain ODD = ClockDomain.withAsynchronousReset("odd");

    final UInt slow = out(uint(8));
    final UInt fast = clockedBy(FAST, () -> out(uint(8)));
    final UInt odd = clockedBy(ODD, () -> out(uint(70)));
    final UInt crossed = clockedBy(FAST, () -> out(uint(4)));
    private final UInt slowCount = reg(uint(8), 3);
    private final UInt gray = reg(uint(4), 0);

    TwoClocks() {
        slowCount.assign(slowCount.plusMod(1));
        UInt next = slowCount.low(4);
        gray.assign(next.xor(next.shr(1).extend(4)));
        slow.assign(slowCount);
        clockedBy(FAST, () -> {
            UInt count = reg(uint(8), 5);
            nameAfter(count, fast, "_count");
            count.assign(count.plusMod(3));
            fast.assign(count);
            crossed.assign(Crossing.synchroniseGray(gray));
        });
        clockedBy(ODD, () -> {
            UInt count = reg(uint(70), 7);
            nameAfter(count, odd, "_count");
            count.assign(count.plusMod(count));
            odd.assign(count);
        });
    }
}
