package tilewright.sim.rtl;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;

/** Counts where it is enabled, and stops the simulation at a number. */
public final class Counter extends Component {
    final Bool enable = in(bool());
    final SInt wideIn = in(sint(100));
    final UInt count = out(uint(8));
    final SInt wideOut = out(sint(101));
    private final UInt value = reg(uint(8), 0);

    /** A counter that does not like a number. */
    public Counter(int forbidden) {
        when(enable, () -> value.assign(value.plusMod(1)));
        count.assign(value);
        wideOut.assign(wideIn.plus(s(1, 2)));
        assertThat(value.ne(forbidden), "the count is " + forbidden);
    }
}
