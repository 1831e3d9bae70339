package tilewright.hw.lang.mustfail;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.UInt;

/** Names that cannot be printed. */
final class Names {
    private Names() {}

    @Fails("HERE: KeywordAsAPort.bit: illegal name: 'bit' is a keyword of SystemVerilog; rename the field, "
            + "for example 'bitValue'")
    static final class KeywordAsAPort extends Component {
        final Bool bit = in(bool()); // here
        final Bool result = out(bool());

        KeywordAsAPort() {
            result.assign(bit.not());
        }
    }

    @Fails("HERE: KeywordAsAMemory.table: illegal name: 'table' is a keyword of SystemVerilog; rename the "
            + "field, for example 'tableValue'")
    static final class KeywordAsAMemory extends Component {
        final UInt result = out(uint(8));
        private final Mem<UInt> table = rom(uint(8), 1, 2); // here

        KeywordAsAMemory() {
            result.assign(table.read(u(1, 1)));
        }
    }

    @Fails("HERE: KeywordAsAChild.config: illegal name: 'config' is a keyword of SystemVerilog; rename the "
            + "field, for example 'configValue'")
    static final class KeywordAsAChild extends Component {
        private final Leaf config = child(Leaf::new); // here
    }

    static final class Leaf extends Component {
        final Bool result = out(bool());

        Leaf() {
            result.assign(regNext(bool(true), false));
        }
    }

    @Fails("HERE: KeywordOfCpp.template: illegal name: 'template' is a keyword of C++, which Verilator "
            + "does not take; rename the field, for example 'templateValue'")
    static final class KeywordOfCpp extends Component {
        final Bool template = in(bool()); // here
        final Bool result = out(bool());

        KeywordOfCpp() {
            result.assign(template.not());
        }
    }

    @Fails("HERE: NotAnIdentifier.größe: illegal name: 'größe' is not a Verilog name; begin with a letter "
            + "and use letters, digits and _")
    static final class NotAnIdentifier extends Component {
        final Bool größe = in(bool()); // here
        final Bool result = out(bool());

        NotAnIdentifier() {
            result.assign(größe.not());
        }
    }

    @Fails("HERE: PortWithoutAField.input of HERE: illegal name: a port has no name; keep it in a field of "
            + "the component")
    static final class PortWithoutAField extends Component {
        final Bool result = out(bool());

        PortWithoutAField() {
            Bool local = in(bool()); // here
            result.assign(local);
        }
    }

    static final class Halves extends Bundle {
        final Bool low = field(bool());
    }

    @Fails("HERE: TwoOfOneName.word_low: illegal name: two things are called 'word_low'; rename one")
    static final class TwoOfOneName extends Component {
        final Halves word = in(Halves::new);
        final Bool word_low = in(bool()); // here
        final Bool result = out(bool());

        TwoOfOneName() {
            result.assign(word.low.and(word_low));
        }
    }

    @Fails("HERE: NameOfTheOwnReset.reset: illegal name: 'reset' is the port of the component's own clock "
            + "domain; rename the field")
    static final class NameOfTheOwnReset extends Component {
        final Bool reset = in(bool()); // here
        final Bool result = out(bool());

        NameOfTheOwnReset() {
            result.assign(regNext(reset, false));
        }
    }

    @Fails("HERE: TwoClocksOfOneName.pair.fast_clock (and 1 more): illegal name: two clock domains of the "
            + "component have this port; give them different names")
    static final class TwoClocksOfOneName extends Component {
        final Bool result = out(bool());
        private final Pair pair = child(Pair::new); // here

        TwoClocksOfOneName() {
            result.assign(pair.result);
        }
    }

    static final class Pair extends Component {
        final Bool result = out(bool());

        Pair() {
            Bool a = clockedBy(tilewright.hw.lang.ClockDomain.of("fast"), () -> regNext(bool(true), false));
            Bool b = clockedBy(tilewright.hw.lang.ClockDomain.of("fast"), () -> regNext(bool(true), false));
            result.assign(a.and(b));
        }
    }
}
