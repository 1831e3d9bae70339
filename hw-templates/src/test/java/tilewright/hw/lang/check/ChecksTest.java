package tilewright.hw.lang.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.ClockDomain;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Crossing;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.stream.Stream;

class ChecksTest {
    private static final class Ignores extends Component {
        final UInt used = in(uint(8));
        final UInt ignored = in(uint(8));
        final UInt result = out(uint(8));

        Ignores() {
            result.assign(used.not());
        }
    }

    private static final class Parent extends Component {
        final UInt word = in(uint(8));
        final Vec<UInt> results = out(vec(2, uint(8)));
        private final Ignores[] children = {child(Ignores::new), child(Ignores::new)};

        Parent() {
            for (int i = 0; i < 2; i++) {
                children[i].used.assign(word);
                children[i].ignored.assign(word);
                results.get(i).assign(children[i].result);
            }
        }
    }

    @Test
    void anUnusedInputIsAWarningOnceForEachModule() {
        List<Finding> warnings = Elaboration.of(Parent::new).warnings();
        assertEquals(
                List.of(
                        "ChecksTest.java:20: Parent.children_0.ignored: unused input: nothing reads it; remove it, or use it"),
                warnings.stream().map(Finding::toString).toList());
    }

    private static final class Ripple extends Component {
        final Bool carryIn = in(bool());
        final Vec<Bool> a = in(vec(8, bool()));
        final Vec<Bool> carry = wire(vec(9, bool()));
        final Bool carryOut = out(bool());

        Ripple() {
            carry.get(0).assign(carryIn);
            for (int i = 0; i < 8; i++) {
                carry.get(i + 1).assign(carry.get(i).and(a.get(i)));
            }
            carryOut.assign(carry.get(8));
        }
    }

    @Test
    void aChainThroughTheElementsOfAVectorIsNoLoop() {
        assertEquals(List.of(), Elaboration.of(Ripple::new).warnings());
    }

    private static final class Ladder extends Component {
        final Stream<UInt> words = in(Stream.of(uint(8)));
        final Stream<UInt> result = out(Stream.of(uint(8)));

        Ladder() {
            List<Stream<UInt>> branches = words.fork(2);
            result.assign(Stream.arbitrate(branches).skid());
        }
    }

    @Test
    void noCombinatorMakesValidWaitForReady() {
        assertEquals(List.of(), Elaboration.of(Ladder::new).warnings());
    }

    private static final class Guarded extends Component {
        private final ClockDomain fast = ClockDomain.of("fast");
        final Bool level = clockedBy(fast, () -> in(bool()));
        final Bool seen = out(bool());
        final Bool pulses = out(bool());

        Guarded() {
            Bool held = clockedBy(fast, () -> regNext(level, false));
            seen.assign(Crossing.synchronise(held));
            pulses.assign(Crossing.pulse(level, fast));
        }
    }

    @Test
    void guardedCrossingsAreLegal() {
        assertEquals(List.of(), Elaboration.of(Guarded::new).warnings());
    }
}
