package tilewright.hw.lang;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Interpreter;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;

class ElaborationTest {
    static final class Element extends Component {
        final SInt left = in(sint(8));
        final SInt top = in(sint(8));
        final SInt right = out(sint(8));
        final SInt sum = out(sint(24));
        private final SInt psum = reg(sint(24), 0);

        Element() {
            right.assign(regNext(left, 0));
            psum.assign(psum.plusMod(left.times(top)));
            sum.assign(psum);
        }
    }

    static final class Tile extends Component {
        final Vec<SInt> left;
        final Vec<SInt> top;
        final Vec<SInt> sums;
        private final Element[][] pe;

        Tile(int size) {
            left = in(vec(size, sint(8)));
            top = in(vec(size, sint(8)));
            sums = out(vec(size, sint(24)));
            pe = new Element[size][size];
            for (int r = 0; r < size; r++) {
                SInt word = left.get(r);
                for (int c = 0; c < size; c++) {
                    pe[r][c] = child(Element::new);
                    pe[r][c].left.assign(word);
                    pe[r][c].top.assign(top.get(c));
                    word = pe[r][c].right;
                }
                sums.get(r).assign(pe[r][size - 1].sum);
            }
        }
    }

    @Test
    void equalComponentsShareOneModule() {
        Design design = Elaboration.of(() -> new Tile(16));
        assertEquals(
                List.of("Element", "Tile"),
                design.modules().stream().map(Module::name).toList());
        assertEquals(256, design.top().instances().size());
        assertEquals("pe_3_5", design.top().instances().get(3 * 16 + 5).name());
    }

    @Test
    void aFlatDesignHasEveryNetUnderItsPath() {
        Design design = Elaboration.of(() -> new Tile(2));
        assertEquals(24, design.flat().paths().get("pe_1_0.psum").width());
        assertEquals(0, design.flat().module().instances().size());
        Interpreter tile = new Interpreter(design);
        tile.set("left_1", -3);
        tile.set("top_0", 7);
        tile.set("top_1", 5);
        tile.step();
        tile.step();
        assertEquals(-42, tile.getLong("pe_1_0.psum"));
        assertEquals(-15, tile.getLong("sums_1"));
    }

    static final class Words implements Area {
        final UInt low;
        final UInt high;

        Words(UInt word) {
            low = word.low(4);
            high = word.high(4);
        }
    }

    static final class Named extends Component {
        final UInt word = in(uint(8));
        final UInt result = out(uint(9));
        private final Words words = new Words(word);
        private final List<UInt> delayed = new ArrayList<>();
        private final Optional<UInt> maybe;

        Named() {
            UInt local = words.low.plus(words.high);
            delayed.add(regNext(local));
            delayed.add(regNext(word.low(5)));
            maybe = Optional.of(local.plusMod(1));
            UInt unnamed = delayed.get(0).times(delayed.get(1)).low(9);
            result.assign(mux(unnamed.bit(3), unnamed, maybe.get().extend(9)));
        }
    }

    @Test
    void signalsAreCalledAfterFieldsAndLocalsAfterWhatTheyAreFor() {
        List<String> names =
                Elaboration.of(Named::new).top().nets().stream().map(Net::name).toList();
        assertEquals(
                List.of(
                        "clock",
                        "word",
                        "result",
                        "delayed_0",
                        "delayed_1",
                        "result_product",
                        "words_low",
                        "words_high",
                        "maybe_sum",
                        "maybe"),
                names);
    }

    @Test
    void aFailureInAConstructorLeavesNothingBehind() {
        assertThrows(
                IllegalStateException.class,
                () -> Elaboration.of(() -> new Component() {
                    {
                        when(bool(true), () -> {
                            throw new IllegalStateException("author's own");
                        });
                    }
                }));
        assertFalse(ModuleBuilder.CURRENT.isBound());
        assertEquals(2, Elaboration.of(() -> new Tile(1)).modules().size());
    }

    static final class Values extends Component {
        final SInt a = in(sint(4));
        final SInt b = in(sint(4));
        final SInt sum = out(sint(5));
        final SInt product = out(sint(8));
        final SInt saturated = out(sint(3));
        final UInt magnitude = out(uint(4));
        final UInt positive = out(uint(2));
        final Fix rounded = out(fix(4, 1));
        final Bool less = out(bool());

        Values() {
            sum.assign(a.plus(b));
            product.assign(a.times(b));
            saturated.assign(a.plus(b).saturate(3));
            magnitude.assign(a.abs());
            positive.assign(a.saturateUnsigned(2));
            rounded.assign(unpack(a.asBits(), fix(4, 3)).round(1).extend(4));
            less.assign(a.lt(b));
        }
    }

    @Test
    void arithmeticIsExactForAllValues() {
        Interpreter values = new Interpreter(Elaboration.of(Values::new));
        for (int a = -8; a < 8; a++) {
            for (int b = -8; b < 8; b++) {
                values.set("a", a);
                values.set("b", b);
                assertEquals(a + b, values.getLong("sum"));
                assertEquals(a * b, values.getLong("product"));
                assertEquals(Math.clamp(a + b, -4, 3), values.getLong("saturated"));
                assertEquals(Math.abs(a), values.getLong("magnitude"));
                assertEquals(Math.clamp(a, 0, 3), values.getLong("positive"));
                assertEquals((long) Math.rint(a / 4.0), values.getLong("rounded"), "halves to even of " + a);
                assertEquals(a < b ? 1 : 0, values.getLong("less"));
            }
        }
    }

    static final class Order extends Component {
        final UInt a = in(uint(2));
        final UInt b = out(uint(4));
        final UInt first = out(uint(4));

        Order() {
            first.assign(b);
            b.assign(1);
            when(a.eq(1), () -> b.assign(2));
            when(a.ge(1), () -> when(a.eq(3), () -> b.assign(4))).otherwise(() -> b.assign(8));
        }
    }

    @Test
    void theLastAssignmentWhoseConditionsHoldWins() {
        Interpreter order = new Interpreter(Elaboration.of(Order::new));
        long[] expected = {8, 2, 1, 4};
        for (int a = 0; a < 4; a++) {
            order.set("a", a);
            assertEquals(expected[a], order.getLong("b"));
            assertEquals(expected[a], order.getLong("first"));
        }
    }

    static final class Same extends Component {
        final UInt from = in(uint(8));
        final UInt to = out(uint(8));

        Same() {
            to.assign(from);
        }
    }

    /** Reads what drives its first child, which comes from its second. */
    static final class ReadsAChildsInput extends Component {
        final UInt word = in(uint(8));
        final UInt seen = out(uint(9));
        private final Same first = child(Same::new);
        private final Same second = child(Same::new);

        ReadsAChildsInput() {
            first.from.assign(second.to);
            second.from.assign(word);
            seen.assign(first.from.plus(first.to));
        }
    }

    @Test
    void anInputOfAChildIsReadAsWhatALaterChildDrivesItWith() {
        Interpreter twice = new Interpreter(Elaboration.of(ReadsAChildsInput::new));
        twice.set("word", 100);
        assertEquals(200, twice.get("seen").intValue());
    }
}
