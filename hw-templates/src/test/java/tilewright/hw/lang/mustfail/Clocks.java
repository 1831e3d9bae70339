package tilewright.hw.lang.mustfail;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.ClockDomain;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Crossing;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.UInt;

/** Values that pass from one clock to another without a guard. */
final class Clocks {
    private Clocks() {}

    @Fails("HERE: CounterReadInAnotherClock.copy: unguarded clock crossing: it is clocked by 'clock' and "
            + "takes 'count' of 'fast'; pass one bit through Crossing.synchronise(...), words through a "
            + "crossing FIFO")
    static final class CounterReadInAnotherClock extends Component {
        final UInt seen = out(uint(8));
        private final ClockDomain fast = ClockDomain.of("fast");
        private final UInt count = clockedBy(fast, () -> reg(uint(8), 0));
        private final UInt copy = reg(uint(8), 0); // here

        CounterReadInAnotherClock() {
            count.assign(count.plusMod(1));
            copy.assign(count);
            seen.assign(copy);
        }
    }

    static final class Copy extends Component {
        final UInt from = in(uint(8));
        final UInt to = out(uint(8));
        private final UInt held = reg(uint(8), 0); // here: ChildOfAnotherClock

        Copy() {
            held.assign(from.plusMod(1));
            to.assign(held);
        }
    }

    @Fails("HERE: ChildOfAnotherClock.fastCopy.held: unguarded clock crossing: it is clocked by 'fast' and "
            + "takes 'slowCopy.held' of 'clock'; pass one bit through Crossing.synchronise(...), words "
            + "through a crossing FIFO")
    static final class ChildOfAnotherClock extends Component {
        final UInt seen = out(uint(8));
        private final ClockDomain fast = ClockDomain.of("fast");
        private final Copy slowCopy = child(Copy::new);
        private final Copy fastCopy = clockedBy(fast, () -> child(Copy::new));

        ChildOfAnotherClock() {
            slowCopy.from.assign(7);
            fastCopy.from.assign(slowCopy.to);
            seen.assign(fastCopy.to);
        }
    }

    @Fails("HERE: InputOfAnotherClock.held: unguarded clock crossing: it is clocked by 'clock' and takes "
            + "'word' of 'fast'; pass one bit through Crossing.synchronise(...), words through a crossing FIFO")
    static final class InputOfAnotherClock extends Component {
        private final ClockDomain fast = ClockDomain.of("fast");
        final UInt word = clockedBy(fast, () -> in(uint(8)));
        final UInt seen = out(uint(8));
        private final UInt held = reg(uint(8), 0); // here
        private final UInt other = clockedBy(fast, () -> reg(uint(8), 0));

        InputOfAnotherClock() {
            other.assign(word);
            held.assign(word);
            seen.assign(held);
        }
    }

    @Fails("HERE: InputOfAClockUsedNowhereElse.held: unguarded clock crossing: it is clocked by 'clock' and takes "
            + "'word' of 'fast'; pass one bit through Crossing.synchronise(...), words through a crossing FIFO")
    static final class InputOfAClockUsedNowhereElse extends Component {
        final UInt word = clockedBy(ClockDomain.of("fast"), () -> in(uint(8)));
        final UInt seen = out(uint(8));
        private final UInt held = reg(uint(8), 0); // here

        InputOfAClockUsedNowhereElse() {
            held.assign(word.plusMod(1));
            seen.assign(held);
        }
    }

    @Fails("HERE: WriteOfAnotherClock.words: unguarded clock crossing: it is clocked by 'fast' and takes "
            + "'held' of 'clock'; pass one bit through Crossing.synchronise(...), words through a crossing "
            + "FIFO")
    static final class WriteOfAnotherClock extends Component {
        final UInt word = in(uint(8));
        final UInt address = in(uint(4));
        final UInt seen = out(uint(8));
        private final ClockDomain fast = ClockDomain.of("fast");
        private final UInt held = reg(uint(8), 0);
        private final Mem<UInt> words = mem(16, uint(8));

        WriteOfAnotherClock() {
            held.assign(word);
            clockedBy(fast, () -> words.write(u(3, 4), held)); // here
            seen.assign(words.read(address));
        }
    }

    @Fails("HERE: LogicBeforeASynchroniser.a and b: unguarded clock crossing: logic stands before a "
            + "synchroniser, whose glitches it may take; register the value in its own clock first")
    static final class LogicBeforeASynchroniser extends Component {
        final Bool a = in(bool());
        final Bool b = in(bool());
        final Bool seen = out(bool());

        LogicBeforeASynchroniser() {
            seen.assign(Crossing.synchronise(a.and(b))); // here
        }
    }

    @Fails("HERE: ClockWithoutAName: malformed: clock domain 'clock' is every component's own; choose "
            + "another name")
    static final class ClockWithoutAName extends Component {
        private final ClockDomain own = ClockDomain.of("clock"); // here
    }
}
