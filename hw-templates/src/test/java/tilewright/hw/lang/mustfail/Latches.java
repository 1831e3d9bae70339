package tilewright.hw.lang.mustfail;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Enumerated;
import tilewright.hw.lang.UInt;

/** Wires that some path leaves without a value. */
final class Latches {
    private Latches() {}

    enum Mode {
        ADD,
        SUBTRACT,
        HOLD
    }

    @Fails("HERE: WhenWithoutOtherwise.b: latch: it has no value where not (enable); assign a default "
            + "before, or in otherwise(...), or make it a register")
    static final class WhenWithoutOtherwise extends Component {
        final Bool enable = in(bool());
        final UInt a = in(uint(8));
        final UInt b = out(uint(8));

        WhenWithoutOtherwise() {
            when(enable, () -> b.assign(a)); // here
        }
    }

    @Fails("HERE: InnerWhenWithoutOtherwise.b: latch: it has no value where not (second and (a != 3)); "
            + "assign a default before, or in otherwise(...), or make it a register")
    static final class InnerWhenWithoutOtherwise extends Component {
        final Bool first = in(bool());
        final Bool second = in(bool());
        final UInt a = in(uint(8));
        final UInt b = out(uint(8));

        InnerWhenWithoutOtherwise() {
            when(first, () -> b.assign(a)).otherwise(() -> {
                when(second.and(a.ne(3)), () -> b.assign(0)); // here
            });
        }
    }

    @Fails("HERE: SwitchWithoutACase.b: latch: it has no value for some value of mode; assign a default "
            + "before, or in otherwise(...), or make it a register")
    static final class SwitchWithoutACase extends Component {
        final Enumerated<Mode> mode = in(enumOf(Mode.class));
        final UInt a = in(uint(8));
        final UInt b = out(uint(8));

        SwitchWithoutACase() {
            switchOn(mode) // here
                    .is(Mode.ADD, () -> b.assign(a.plusMod(1)))
                    .is(Mode.SUBTRACT, () -> b.assign(a.minusMod(1)));
        }
    }

    @Fails("HERE: ElementOfAVectorWithoutDefault.chosen_1: latch: it has no value where not (index); "
            + "assign a default before, or in otherwise(...), or make it a register")
    static final class ElementOfAVectorWithoutDefault extends Component {
        final UInt index = in(uint(1));
        final tilewright.hw.lang.Vec<UInt> chosen = out(vec(2, uint(8)));

        ElementOfAVectorWithoutDefault() {
            chosen.get(0).assign(1);
            when(index.eq(1), () -> chosen.get(1).assign(1)); // here
        }
    }
}
