package tilewright.hw.unit.pipeline;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;

/**
 * Square roots of natural numbers, rounded down, one bit per clock: a root at every {@code rootBits + 1} clocks, which is
 * also the latency.
 */
public final class SquareRoot<T extends Data> extends Component {
    /** Numbers of twice as many bits as the root. */
    public final Stream<Tagged<T>> input;
    /** Their roots. */
    public final Stream<Tagged<T>> output;

    private final Iteration steps;
    private final UInt digits;
    private final UInt remainder;
    private final UInt root;
    private final T tag;

    /** Roots of {@code rootBits} bits. */
    public SquareRoot(int rootBits, Type<T> word) {
        input = in(Stream.of(Tagged.of(2 * rootBits, word)));
        output = out(Stream.of(Tagged.of(rootBits, word)));
        steps = new Iteration(input, output, rootBits);
        digits = reg(uint(2 * rootBits));
        remainder = reg(uint(rootBits + 1));
        root = reg(uint(rootBits));
        tag = reg(word);

        UInt next = cat(remainder, digits.high(2)).asUInt();
        UInt trial = cat(root, b(1, 2)).asUInt();
        Bool fits = next.ge(trial);
        when(steps.runs(), () -> {
            digits.assign(digits.low(2 * rootBits - 2).shl(2));
            remainder.assign(mux(fits, next.minusMod(trial), next).low(rootBits + 1));
            root.assign(cat(root.low(rootBits - 1), fits).asUInt());
        });
        when(input.fires(), () -> {
            digits.assign(input.payload.value);
            remainder.assign(0);
            root.assign(0);
            assign(tag, input.payload.tag);
        });
        output.payload.value.assign(root);
        assign(output.payload.tag, tag);
    }
}
