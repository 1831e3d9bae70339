package tilewright.hw.unit.tensor;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.stream.Stream;

/**
 * A tile whose sums stay while operands pass: {@code sum[r][c] += x[r] * w[c]} for each pair of vectors, until one marked
 * {@code last}; then the {@code rows} rows of sums leave, the lowest (row {@code rows - 1}) first.
 *
 * <p>Timing: a pair of vectors per clock; {@code K} of them and their results take {@code K + rows + 2} clocks, one more
 * on ECP5. Sums hold 32 bits: {@code K} up to 131 071. Resources: the element's, see {@link AccumulatingMac}, and about
 * {@code 12 + log2(rows)} LUT and FF of control; 2 levels of logic.
 */
public final class OutputStationaryTile extends Component {
    /** One activation for each row and one weight for each column. */
    public static final class Operands extends Bundle {
        /** Activations. */
        public final Vec<SInt> x;
        /** Weights. */
        public final Vec<SInt> w;
        /** Whether these products are the last of their sums. */
        public final Bool last;

        private Operands(int rows, int columns) {
            x = field(vec(rows, sint(8)));
            w = field(vec(columns, sint(8)));
            last = field(bool());
        }

        /** The type of operands of a tile. */
        public static Type<Operands> of(int rows, int columns) {
            return () -> new Operands(rows, columns);
        }
    }

    /** Operands. */
    public final Stream<Operands> operands;
    /** Rows of sums, the lowest first. */
    public final Stream<Vec<SInt>> sums;

    private final AccumulatingMac[][] element;
    private final Bool filling = reg(bool(), 0);
    private final Bool draining = reg(bool(), 0);
    private final Bool clearing = reg(bool(), 1);
    private final UInt left;

    /**
     * A tile.
     *
     * @throws IllegalArgumentException for a packed shape: the low one of two packed sums holds 16 products
     */
    public OutputStationaryTile(TileShape shape) {
        if (shape.packed()) {
            throw new IllegalArgumentException(
                    "an output-stationary tile cannot be packed; use a weight-stationary one, or one that is not packed");
        }
        int rows = shape.rows();
        operands = in(Stream.of(Operands.of(rows, shape.columns())));
        sums = out(Stream.of(vec(shape.columns(), sint(AccumulatingMac.SUM_BITS))));
        element = new AccumulatingMac[rows][shape.columns()];
        left = reg(uint(indexWidth(rows)), rows - 1);

        // Operands are taken until the last; its product is added, then rows leave. After reset they leave unseen.
        Bool adds = operands.fires();
        Bool ends = adds.and(operands.payload.last);
        Bool closing = ends;
        for (int i = 0; i < shape.block().productLatency(); i++) {
            adds = regNext(adds, false).named("adds_" + i);
            closing = regNext(closing, false).named("closing_" + i);
        }
        Bool started = closing;
        operands.ready.assign(filling);
        sums.valid.assign(draining);
        Bool shifts =
                wire(clearing.and(regNext(clearing, false)).or(sums.fires())).named("shifts");
        when(ends, () -> filling.assign(false));
        when(started, () -> draining.assign(true));
        when(shifts, () -> {
            left.assign(left.minusMod(1));
            when(left.eq(0), () -> {
                left.assign(rows - 1);
                draining.assign(false);
                clearing.assign(false);
                filling.assign(true);
            });
        });
        Bool drain = wire(started.or(draining).or(clearing)).named("drain");
        Bool move = wire(adds.or(shifts)).named("move");
        for (int r = 0; r < rows; r++) {
            boolean top = r == 0;
            for (int c = 0; c < shape.columns(); c++) {
                AccumulatingMac mac = child(() -> new AccumulatingMac(shape.block(), top));
                element[r][c] = mac;
                mac.x.assign(operands.payload.x.get(r));
                mac.w.assign(operands.payload.w.get(c));
                mac.move.assign(move);
                mac.drain.assign(drain);
                if (!top) {
                    mac.above.assign(element[r - 1][c].below);
                }
            }
        }
        for (int c = 0; c < shape.columns(); c++) {
            sums.payload.get(c).assign(element[rows - 1][c].below.low(AccumulatingMac.SUM_BITS));
        }
    }
}
