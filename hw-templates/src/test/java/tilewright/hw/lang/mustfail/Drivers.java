package tilewright.hw.lang.mustfail;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;

/** Signals with several drivers, and with none. */
final class Drivers {
    private Drivers() {}

    @Fails("HERE: AssignedTwice.b: several drivers: this assignment replaces the one of BEFORE altogether; "
            + "remove one, or put this one under when(...)")
    static final class AssignedTwice extends Component {
        final UInt a = in(uint(8));
        final UInt b = out(uint(8));

        AssignedTwice() {
            b.assign(a); // before
            b.assign(a.plusMod(1)); // here
        }
    }

    @Fails("HERE: ConditionalThenAlways.held: several drivers: this assignment replaces the one of BEFORE "
            + "altogether; remove one, or put this one under when(...)")
    static final class ConditionalThenAlways extends Component {
        final Bool enable = in(bool());
        final UInt a = in(uint(8));
        final UInt b = out(uint(8));
        private final UInt held = reg(uint(8), 0);

        ConditionalThenAlways() {
            when(enable, () -> held.assign(a)); // before
            held.assign(0); // here
            b.assign(held);
        }
    }

    static final class Source extends Component {
        final UInt word = out(uint(8));
        private final UInt held = reg(uint(8), 1);

        Source() {
            held.assign(held.plusMod(1));
            word.assign(held);
        }
    }

    static final class Sink extends Component {
        final UInt word = in(uint(8));
        final Bool odd = out(bool());

        Sink() {
            odd.assign(word.bit(0).and(word.any()));
        }
    }

    @Fails("HERE: OutputOfAChild.source.word: several drivers: an output of a child is assigned from "
            + "outside, but the child drives it; read it instead")
    static final class OutputOfAChild extends Component {
        private final Source source = child(Source::new);

        OutputOfAChild() {
            source.word.assign(0); // here
        }
    }

    @Fails("HERE: StreamConsumedTwice.words_ready: several drivers: this assignment replaces the one of "
            + "BEFORE altogether; remove one, or put this one under when(...)")
    static final class StreamConsumedTwice extends Component {
        final Stream<UInt> words = in(Stream.of(uint(8)));
        final Stream<UInt> first = out(Stream.of(uint(8)));
        final Stream<UInt> second = out(Stream.of(uint(8)));

        StreamConsumedTwice() {
            first.assign(words); // before
            second.assign(words); // here
        }
    }

    @Fails("HERE: TwoCasesForOneValue.a: several drivers: the switch has two cases for 1; join them")
    static final class TwoCasesForOneValue extends Component {
        final UInt a = in(uint(2));
        final Bool b = out(bool());

        TwoCasesForOneValue() {
            switchOn(a)
                    .is(1L, () -> b.assign(true))
                    .is(1L, () -> b.assign(false)) // here
                    .otherwise(() -> b.assign(true));
        }
    }

    @Fails("HERE: OutputNeverAssigned.word: undriven: the output is never assigned; assign it, or remove it")
    static final class OutputNeverAssigned extends Component {
        final UInt word = out(uint(8)); // here
    }

    @Fails("HERE: WireNeverAssigned.between: undriven: the wire is never assigned; assign it, or remove it")
    static final class WireNeverAssigned extends Component {
        final UInt word = out(uint(8));
        private final UInt between = wire(uint(8)); // here

        WireNeverAssigned() {
            word.assign(between);
        }
    }

    @Fails("HERE: RegisterNeverAssigned.held: undriven: the register is never assigned; assign it, or " + "remove it")
    static final class RegisterNeverAssigned extends Component {
        final UInt word = out(uint(8));
        private final UInt held = reg(uint(8), 0); // here

        RegisterNeverAssigned() {
            word.assign(held);
        }
    }

    @Fails("HERE: InputOfAChildNeverAssigned.sink.word: undriven: the child's input is never assigned in "
            + "InputOfAChildNeverAssigned; assign it there")
    static final class InputOfAChildNeverAssigned extends Component {
        final Bool odd = out(bool());
        private final Sink sink = child(Sink::new); // here

        InputOfAChildNeverAssigned() {
            odd.assign(sink.odd);
        }
    }

    @Fails("HERE: MemoryNeverWritten.words: undriven: the memory is never written; write it, or give it "
            + "contents with rom(...)")
    static final class MemoryNeverWritten extends Component {
        final UInt address = in(uint(4));
        final UInt word = out(uint(8));
        private final Mem<UInt> words = mem(16, uint(8)); // here

        MemoryNeverWritten() {
            word.assign(words.read(address));
        }
    }

    @Fails("HERE: StreamNeverConsumed.words_ready: undriven: the output is never assigned; assign it, or "
            + "remove it")
    static final class StreamNeverConsumed extends Component {
        final Stream<UInt> words = in(Stream.of(uint(8))); // here
        final Bool some = out(bool());

        StreamNeverConsumed() {
            some.assign(words.valid.and(words.payload.any()));
        }
    }
}
