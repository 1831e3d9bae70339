package tilewright.sim.tutorial;

import tilewright.hw.lang.ClockDomain;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.UInt;

/** Refused: a register takes several bits of another clock, which need not all arrive at the same edge. */
final class Unguarded extends Component {
    final UInt seen = out(uint(8));
    private final UInt count = clockedBy(ClockDomain.of("memory"), () -> reg(uint(8), 0));
    private final UInt copy = regNext(count);

    Unguarded() {
        count.assign(count.plusMod(1));
        seen.assign(copy);
    }
}
