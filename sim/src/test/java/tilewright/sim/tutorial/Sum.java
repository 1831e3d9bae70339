package tilewright.sim.tutorial;

import tilewright.hw.lang.Component;
import tilewright.hw.lang.UInt;

/** Refused: a sum has a bit more than what is summed. */
final class Sum extends Component {
    final UInt a = in(uint(8));
    final UInt b = in(uint(8));
    final UInt sum = out(uint(8));

    Sum() {
        sum.assign(a.plus(b));
    }
}
