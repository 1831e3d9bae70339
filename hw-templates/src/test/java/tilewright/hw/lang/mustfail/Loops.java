package tilewright.hw.lang.mustfail;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;

/** Signals that follow themselves at once. */
final class Loops {
    private Loops() {}

    @Fails("HERE: CountsWithoutARegister.count: combinational loop: count -> count; put a register into it")
    static final class CountsWithoutARegister extends Component {
        final UInt count = out(uint(8)); // here

        CountsWithoutARegister() {
            count.assign(count.plusMod(1));
        }
    }

    @Fails("HERE: TwoWires.q: combinational loop: q -> notQ -> q; put a register into it")
    static final class TwoWires extends Component {
        final Bool set = in(bool());
        final Bool reset = in(bool());
        final Bool q = out(bool()); // here
        private final Bool notQ = wire(bool());

        TwoWires() {
            q.assign(reset.or(notQ).not());
            notQ.assign(set.or(q).not());
        }
    }

    static final class Adder extends Component {
        final UInt a = in(uint(8));
        final UInt b = in(uint(8));
        final UInt sum = out(uint(8)); // here: ThroughChildren

        Adder() {
            sum.assign(a.plusMod(b));
        }
    }

    @Fails("HERE: ThroughChildren.first.sum: combinational loop: first.sum -> second.sum -> first.sum; put "
            + "a register into it")
    static final class ThroughChildren extends Component {
        final UInt a = in(uint(8));
        final UInt total = out(uint(8));
        private final Adder first = child(Adder::new);
        private final Adder second = child(Adder::new);

        ThroughChildren() {
            first.a.assign(a);
            first.b.assign(second.sum);
            second.a.assign(first.sum);
            second.b.assign(a);
            total.assign(second.sum);
        }
    }

    @Fails("HERE: ElementsOfAVector.chain_0: combinational loop: chain_0 -> chain_1 -> chain_2 -> chain_0; "
            + "put a register into it")
    static final class ElementsOfAVector extends Component {
        final Bool start = in(bool());
        final Bool last = out(bool());
        private final Vec<Bool> chain = wire(vec(4, bool())); // here

        ElementsOfAVector() {
            chain.get(0).assign(start.xor(chain.get(2)));
            for (int i = 1; i < 4; i++) {
                chain.get(i).assign(chain.get(i - 1).not());
            }
            last.assign(chain.get(3));
        }
    }
}
