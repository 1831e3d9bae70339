package tilewright.hw.lang.mustfail;

import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Fix;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;

/** Widths that do not fit, and numbers out of range. */
final class Widths {
    private Widths() {}

    @Fails("HERE: SumIntoTooFewBits.sum: width mismatch: 'a + 1' has 9 bits where 8 bits are wanted; cut "
            + "it with .low(8) or .saturate(8), or widen the other")
    static final class SumIntoTooFewBits extends Component {
        final UInt a = in(uint(8));
        final UInt sum = out(uint(8));

        SumIntoTooFewBits() {
            sum.assign(a.plus(1)); // here
        }
    }

    @Fails("HERE: NarrowIntoWide.wide: width mismatch: 'a' has 4 bits where 8 bits are wanted; extend it "
            + "with .extend(8)")
    static final class NarrowIntoWide extends Component {
        final SInt a = in(sint(4));
        final SInt wide = out(sint(8));

        NarrowIntoWide() {
            wide.assign(a); // here
        }
    }

    @Fails("HERE: AndOfDifferentWidths.b: width mismatch: 'b' has 4 bits where 8 bits are wanted; extend "
            + "it with .extend(8)")
    static final class AndOfDifferentWidths extends Component {
        final UInt a = in(uint(8));
        final UInt b = in(uint(4));
        final UInt both = out(uint(8));

        AndOfDifferentWidths() {
            both.assign(a.and(b)); // here
        }
    }

    @Fails("HERE: EqualBitsOfDifferentWidths.b: width mismatch: 'b' has 1 bit where 8 bits are wanted; "
            + "extend it with .extend(8)")
    static final class EqualBitsOfDifferentWidths extends Component {
        final Bits a = in(bits(8));
        final Bits b = in(bits(1));
        final Bool same = out(bool());

        EqualBitsOfDifferentWidths() {
            same.assign(a.eq(b)); // here
        }
    }

    @Fails("HERE: ChoiceOfDifferentWidths.b: width mismatch: 'b' has 9 bits where 8 bits are wanted; cut "
            + "it with .low(8) or .saturate(8), or widen the other")
    static final class ChoiceOfDifferentWidths extends Component {
        final Bool first = in(bool());
        final UInt a = in(uint(8));
        final UInt b = in(uint(9));
        final UInt chosen = out(uint(8));

        ChoiceOfDifferentWidths() {
            chosen.assign(mux(first, a, b)); // here
        }
    }

    @Fails("HERE: BitsBeyondTheHighest.a: width mismatch: bits 8 to 7 of 8 are taken; the highest there is " + "7")
    static final class BitsBeyondTheHighest extends Component {
        final UInt a = in(uint(8));
        final Bits top = out(bits(2));

        BitsBeyondTheHighest() {
            top.assign(a.slice(8, 7)); // here
        }
    }

    @Fails("HERE: ComparisonThatNeverHolds.a: literal out of range: 256 does not fit in 8 bits; the range "
            + "is 0 to 255")
    static final class ComparisonThatNeverHolds extends Component {
        final UInt a = in(uint(8));
        final Bool full = out(bool());

        ComparisonThatNeverHolds() {
            full.assign(a.eq(256)); // here
        }
    }

    @Fails("HERE: NegativeIntoUnsigned.a: literal out of range: -1 does not fit in 8 bits; the range is 0 " + "to 255")
    static final class NegativeIntoUnsigned extends Component {
        final UInt a = out(uint(8));

        NegativeIntoUnsigned() {
            a.assign(-1); // here
        }
    }

    @Fails("HERE: ResetOutOfRange.held: literal out of range: 128 does not fit in 8 bits with sign; the "
            + "range is -128 to 127")
    static final class ResetOutOfRange extends Component {
        final SInt a = out(sint(8));
        private final SInt held = reg(sint(8)).init(128); // here

        ResetOutOfRange() {
            held.assign(held);
            a.assign(held);
        }
    }

    @Fails("HERE: ExtensionThatCuts.a: width mismatch: 8 bits are extended to 4; cut with .low(4)")
    static final class ExtensionThatCuts extends Component {
        final UInt a = in(uint(8));
        final UInt b = out(uint(4));

        ExtensionThatCuts() {
            b.assign(a.extend(4)); // here
        }
    }

    @Fails("HERE: BinaryPointsDiffer.b: width mismatch: 'a' has 4 bits of fraction where 6 are wanted; use "
            + ".round(6) or .floor(6)")
    static final class BinaryPointsDiffer extends Component {
        final Fix a = in(fix(8, 4));
        final Fix b = out(fix(8, 6));

        BinaryPointsDiffer() {
            b.assign(a); // here
        }
    }

    @Fails("HERE: ConstantNeedsMoreFraction.a: literal out of range: 0.1 needs more than 2 bits of "
            + "fraction; the nearest is 0")
    static final class ConstantNeedsMoreFraction extends Component {
        final Fix a = out(fix(8, 2));

        ConstantNeedsMoreFraction() {
            a.assign(0.1); // here
        }
    }

    @Fails("HERE: AddressTooNarrow.address: width mismatch: 'address' has 3 bits where 4 bits are wanted; "
            + "extend it with .extend(4)")
    static final class AddressTooNarrow extends Component {
        final UInt address = in(uint(3));
        final UInt word = out(uint(8));
        private final Mem<UInt> words = rom(uint(8), 1, 2, 3, 4, 5, 6, 7, 8, 9);

        AddressTooNarrow() {
            word.assign(words.read(address)); // here
        }
    }

    @Fails("HERE: IndexTooWide.index: width mismatch: an index of 3 bits into 4 elements; it takes 2")
    static final class IndexTooWide extends Component {
        final Vec<UInt> elements = in(vec(4, uint(8)));
        final UInt index = in(uint(3));
        final UInt element = out(uint(8));

        IndexTooWide() {
            element.assign(elements.get(index)); // here
        }
    }

    @Fails("HERE: MaskThatDoesNotDivide.mask: width mismatch: a mask of 3 bits for a word of 8; the mask's "
            + "width must divide the word's")
    static final class MaskThatDoesNotDivide extends Component {
        final UInt address = in(uint(4));
        final Bits mask = in(bits(3));
        final UInt word = out(uint(8));
        private final Mem<UInt> words = mem(16, uint(8));

        MaskThatDoesNotDivide() {
            words.writeMasked(address, u(0, 8), bool(true), mask); // here
            words.write(address, u(0, 8));
            word.assign(words.read(address));
        }
    }

    @Fails("HERE: WordOfTheWrongSize.bits: width mismatch: 'bits' has 9 bits where 8 bits are wanted; cut "
            + "it with .low(8) or .saturate(8), or widen the other")
    static final class WordOfTheWrongSize extends Component {
        final Bits bits = in(bits(9));
        final Vec<UInt> parts = out(vec(2, uint(4)));

        WordOfTheWrongSize() {
            parts.assign(bits.as(vec(2, uint(4)))); // here
        }
    }

    @Fails("HERE: NoBits: malformed: a signal of 0 bits; the fewest are 1")
    static final class NoBits extends Component {
        final UInt nothing = in(uint(0)); // here
    }

    @Fails("HERE: LiteralOutOfRange: malformed: literal 256 does not fit in 8 bits; it needs 9")
    static final class LiteralOutOfRange extends Component {
        final UInt a = out(uint(8));

        LiteralOutOfRange() {
            a.assign(u(256, 8)); // here
        }
    }

    @Fails("HERE: TableWordOutOfRange: malformed: word 1 of the memory is 16, which needs more than its 4 "
            + "bits; widen the word")
    static final class TableWordOutOfRange extends Component {
        private final Mem<SInt> words = rom(sint(4), 0, 16); // here
    }
}
