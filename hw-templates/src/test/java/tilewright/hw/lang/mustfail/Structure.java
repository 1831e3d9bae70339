package tilewright.hw.lang.mustfail;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.UInt;

/** Components put together in a way that makes no hardware. */
final class Structure {
    private Structure() {}

    static final class Counter extends Component {
        final Bool enable = in(bool());
        final UInt count = out(uint(8));
        final UInt value = reg(uint(8), 0);

        Counter() {
            when(enable, () -> value.assign(value.plusMod(1)));
            count.assign(value);
        }
    }

    @Fails("HERE: InputAssignedInside.enable: wrong direction: an input is assigned inside its component; "
            + "make it out(...)")
    static final class InputAssignedInside extends Component {
        final Bool enable = in(bool());

        InputAssignedInside() {
            enable.assign(true); // here
        }
    }

    @Fails("HERE: RegisterOfAChildRead.counter.value: reaches into another component: 'value' of "
            + "RegisterOfAChildRead.counter is read in RegisterOfAChildRead; make it an output with out(...)")
    static final class RegisterOfAChildRead extends Component {
        final UInt result = out(uint(8));
        private final Counter counter = child(Counter::new);

        RegisterOfAChildRead() {
            counter.enable.assign(true);
            result.assign(counter.value.plusMod(1)); // here
        }
    }

    @Fails("HERE: RegisterOfAChildAssigned.counter.value: reaches into another component: 'value' of "
            + "RegisterOfAChildAssigned.counter is assigned in RegisterOfAChildAssigned; hand the value over "
            + "by a port")
    static final class RegisterOfAChildAssigned extends Component {
        private final Counter counter = child(Counter::new);

        RegisterOfAChildAssigned() {
            counter.enable.assign(true);
            counter.value.assign(0); // here
        }
    }

    static final class Reader extends Component {
        final UInt result = out(uint(8));

        Reader(UInt foreign) {
            result.assign(foreign.not()); // here: SignalOfTheParentRead
        }
    }

    @Fails("HERE: SignalOfTheParentRead.word: reaches into another component: 'word' of "
            + "SignalOfTheParentRead is read in SignalOfTheParentRead.reader; hand the value over by a port")
    static final class SignalOfTheParentRead extends Component {
        final UInt word = in(uint(8));
        final UInt result = out(uint(8));
        private final Reader reader = child(() -> new Reader(word));

        SignalOfTheParentRead() {
            result.assign(reader.result.plusMod(word));
        }
    }

    @Fails("HERE: ComputedValueAssigned.a + 1: wrong direction: a computed value is assigned; declare it "
            + "with wire(...) or reg(...)")
    static final class ComputedValueAssigned extends Component {
        final UInt a = in(uint(8));
        final UInt b = out(uint(8));

        ComputedValueAssigned() {
            UInt sum = a.plusMod(1);
            sum.assign(3); // here
            b.assign(sum);
        }
    }

    @Fails("HERE: ResetOfAWire.b: wrong direction: only a register has a reset value; declare it with " + "reg(...)")
    static final class ResetOfAWire extends Component {
        final UInt b = out(uint(8));

        ResetOfAWire() {
            b.init(3); // here
            b.assign(4);
        }
    }

    @Fails("HERE: MadeWithNew: malformed: component Counter is made with new; inside a component write "
            + "child(() -> new Counter(...)), for the top Elaboration.of(() -> new Counter(...))")
    static final class MadeWithNew extends Component {
        private final Counter counter = new Counter(); // here
    }

    static final class Pixel extends Bundle {
        final UInt red = field(uint(5));
    }

    @Fails("HERE: TypeUsedAsAValue: malformed: a UInt is used that is only a type; make it with in(...), "
            + "out(...), wire(...) or reg(...)")
    static final class TypeUsedAsAValue extends Component {
        final UInt red = out(uint(5));

        TypeUsedAsAValue() {
            Pixel pixel = new Pixel();
            red.assign(pixel.red); // here
        }
    }

    @Fails("HERE: FactoryOfAnOldComponent: malformed: the factory must make one new component; write "
            + "child(() -> new Name(...))")
    static final class FactoryOfAnOldComponent extends Component {
        private final Counter counter = child(Counter::new);
        private final Counter again = child(() -> counter); // here
    }

    @Fails("HERE: NoElements: malformed: a vector of no elements; the fewest are 1")
    static final class NoElements extends Component {
        final tilewright.hw.lang.Vec<UInt> none = in(vec(0, uint(8))); // here
    }

    @Fails("HERE: PrimitiveFedByARegister.held: malformed: pin D of FD is driven by it, which the "
            + "primitive replaces; drive the pin from inputs of the component")
    static final class PrimitiveFedByARegister extends Component {
        final Bool a = in(bool());
        final Bool b = out(bool());
        private final Bool held = reg(bool(), 0);

        PrimitiveFedByARegister() {
            held.assign(a);
            b.assign(held);
            vendor("FD") // here
                    .clock("C")
                    .input("D", held)
                    .output("Q", 1, b);
        }
    }

    @Fails("HERE: PrimitiveThatLeavesAnOutput.b: undriven: no pin of INV drives the output; name one with "
            + "output(...)")
    static final class PrimitiveThatLeavesAnOutput extends Component {
        final Bool a = in(bool());
        final Bool b = out(bool()); // here

        PrimitiveThatLeavesAnOutput() {
            b.assign(a.not());
            vendor("INV").input("I", a);
        }
    }
}
