package tilewright.hw.unit.vector;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Divider;
import tilewright.hw.unit.pipeline.Pipeline;
import tilewright.hw.unit.pipeline.SquareRoot;
import tilewright.hw.unit.pipeline.Tagged;

/**
 * The inverse square roots of sums of squares, as {@link LayerNormUnit} takes them: one at every 32 clocks, 52 clocks
 * after the sum.
 */
public final class InverseRoot extends Component {
    private static final int ROOT_BITS = NormSettings.SQUARES_BITS / 2;
    private static final int INVERSE_BITS = 32;
    private static final int ZEROS_BITS = 5;
    private static final int SHIFT_BITS = 6;
    private static final int DIVIDEND_LOG2 = NormSettings.SQUARES_BITS - 1;

    /** Sums of squares, at least 1. */
    public final Stream<UInt> squares;
    /** Their inverse roots. */
    public final Stream<Inverse> inverses;

    private final Stream<Tagged<UInt>> normalised;
    private final Pipeline line;
    private final UInt zeros;
    private final SquareRoot<UInt> root;
    private final Divider<UInt> divider;

    /** An inverse root: {@code value * 2^-shift} makes a centred value a normalised one. */
    public static final class Inverse extends Bundle {
        /** The type. */
        public static final Type<Inverse> TYPE = Inverse::new;

        /** At most {@code 2^31}. */
        public final UInt value = field(uint(INVERSE_BITS));
        /** 7 to 37. */
        public final UInt shift = field(uint(SHIFT_BITS));

        private Inverse() {}
    }

    /** A unit. */
    public InverseRoot() {
        squares = in(Stream.of(uint(NormSettings.SQUARES_BITS)));
        inverses = out(Stream.of(Inverse.TYPE));
        normalised = wire(Stream.of(Tagged.of(NormSettings.SQUARES_BITS, uint(ZEROS_BITS))));
        line = Pipeline.into(normalised);
        root = child(() -> new SquareRoot<>(ROOT_BITS, uint(ZEROS_BITS)));
        divider = child(() -> new Divider<>(INVERSE_BITS, ROOT_BITS, uint(ZEROS_BITS)));

        // An even shift puts the sum's highest set bit into the topmost pair of bits.
        zeros = line.next(zeroPairs(squares.payload));
        normalised.payload.value.assign(line.next(line.next(squares.payload).shl(zeros.shl(1))));
        normalised.payload.tag.assign(line.next(zeros));
        normalised.valid.assign(line.from(squares, 2));
        root.input.assign(normalised);
        divider.input.assign(root.output.map(r ->
                view(divider.input.word(), List.of(u(1L << DIVIDEND_LOG2, INVERSE_BITS + ROOT_BITS), r.value, r.tag))));
        UInt most = u(DIVIDEND_LOG2 - LayerNormUnit.NORMALISED_FRACTION, SHIFT_BITS);
        inverses.assign(divider.output.map(q -> view(Inverse.TYPE, List.of(q.value, most.minusMod(q.tag)))));
    }

    /** How many pairs of zeros there are above the highest set bit. */
    private static UInt zeroPairs(UInt number) {
        List<Bool> pairs = new ArrayList<>();
        for (int pair = ROOT_BITS - 1; pair >= 0; pair--) {
            pairs.add(number.slice(2 * pair + 1, 2 * pair).any());
        }
        pairs.add(bool(true));
        return before(pairs);
    }

    /** How many flags come before the first that holds, by halves; there are 2, 4, 8, ... of them. */
    private static UInt before(List<Bool> flags) {
        int half = flags.size() / 2;
        Bool none = anyOf(flags.subList(0, half)).not();
        return half == 1
                ? none.asUInt()
                : cat(none, mux(none, before(flags.subList(half, 2 * half)), before(flags.subList(0, half))))
                        .asUInt();
    }
}
