package tilewright.hw.unit.pipeline;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;

/**
 * Natural numbers divided and rounded down, two bits of the quotient per clock: a division at every
 * {@code quotientBits / 2 + 1} clocks, which is also the latency.
 */
public final class Divider<T extends Data> extends Component {
    /** What is divided. */
    public final Stream<Division<T>> input;
    /** Quotients, rounded down. */
    public final Stream<Tagged<T>> output;

    private final Iteration steps;
    private final UInt divisor;
    private final UInt triple;
    private final UInt remainder;
    private final UInt digits;
    private final T tag;

    /** A dividend below {@code divisor * 2^quotientBits}, a divisor, and a word that goes along. */
    public static final class Division<T extends Data> extends Bundle {
        /** Dividend. */
        public final UInt dividend;
        /** Divisor, not zero. */
        public final UInt divisor;
        /** What goes along. */
        public final T tag;

        private Division(int quotientBits, int divisorBits, Type<T> word) {
            dividend = field(uint(quotientBits + divisorBits));
            divisor = field(uint(divisorBits));
            tag = field(word);
        }
    }

    /** A divider; {@code quotientBits} is even. */
    public Divider(int quotientBits, int divisorBits, Type<T> word) {
        input = in(Stream.of(() -> new Division<>(quotientBits, divisorBits, word)));
        output = out(Stream.of(Tagged.of(quotientBits, word)));
        divisor = reg(uint(divisorBits));
        triple = reg(uint(divisorBits + 2));
        remainder = reg(uint(divisorBits));
        digits = reg(uint(quotientBits));
        steps = new Iteration(input, output, quotientBits / 2);
        tag = reg(word);

        output.payload.value.assign(digits);
        assign(output.payload.tag, tag);

        UInt next = cat(remainder, digits.high(2)).asUInt();
        SInt less1 = next.minus(divisor);
        SInt less2 = next.minus(divisor.shl(1));
        SInt less3 = next.minus(triple);
        Bool one = less1.isNegative().not();
        Bool two = less2.isNegative().not();
        Bool three = less3.isNegative().not();
        when(steps.runs(), () -> {
            UInt below2 = mux(one, less1.low(divisorBits).asUInt(), next.low(divisorBits));
            UInt above2 =
                    mux(three, less3.low(divisorBits), less2.low(divisorBits)).asUInt();
            remainder.assign(mux(two, above2, below2));
            digits.assign(
                    cat(digits.low(quotientBits - 2), two, mux(two, three, one)).asUInt());
        });
        when(input.fires(), () -> {
            divisor.assign(input.payload.divisor);
            triple.assign(input.payload.divisor.plus(input.payload.divisor.shl(1)));
            remainder.assign(input.payload.dividend.high(divisorBits));
            digits.assign(input.payload.dividend.low(quotientBits));
            assign(tag, input.payload.tag);
        });
    }
}
