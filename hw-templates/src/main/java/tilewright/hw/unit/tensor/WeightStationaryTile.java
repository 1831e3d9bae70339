package tilewright.hw.unit.tensor;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.primitive.Int8StationaryPair;
import tilewright.hw.lang.stream.Stream;

/**
 * A tile whose weights stay while activations pass: for each vector of {@code rows} activations, {@code columns} sums
 * {@code sums[c] = x[0] * w[0][c] + ... + x[rows - 1] * w[rows - 1][c]}, exact.
 *
 * <p>Weights are double-buffered: the next set loads while one is used, and a vector marked {@code next} waits for it.
 * An activation goes to all elements of its row at once and, one clock later in each row than in that above it, meets the
 * sum that comes down its column.
 *
 * <p>Timing: a vector per clock, also across a change of weights, of which there can be one every {@code rows} clocks;
 * latency {@link #latency}. When the output stalls, everything stops. Resources, DSP48: one block per element, or per
 * two when packed; 8 bits of shift register of {@code r} steps in row {@code r}; per row one LUT and 2 FF; packed, 10 LUT
 * per column. One level of logic, and packed, a carry chain.
 */
public final class WeightStationaryTile extends Component {
    /** Activations for the rows. */
    public static final class Activations extends Bundle {
        /** One for each row. */
        public final Vec<SInt> x;
        /** Whether the next set of weights is used from here on. */
        public final Bool next;

        private Activations(int rows) {
            x = field(vec(rows, sint(8)));
            next = field(bool());
        }

        /** The type of vectors for so many rows. */
        public static Type<Activations> of(int rows) {
            return () -> new Activations(rows);
        }
    }

    /** Rows of weights, row 0 first; {@code rows} of them are a set. */
    public final Stream<Vec<SInt>> weights;
    /** Activations; the first vector of all must be marked {@code next}. */
    public final Stream<Activations> activations;
    /** Sums, {@link TileShape#sumBits} bits each, a vector for each of activations. */
    public final Stream<Vec<SInt>> sums;

    private final TileShape shape;
    private final Bool moves;
    private final List<Bool> swap = new ArrayList<>();
    private final List<SInt> x = new ArrayList<>();
    private final List<Bool> load = new ArrayList<>();
    private final StationaryMac[][] element;
    private final Int8StationaryPair[][] pair;

    /** A tile. */
    public WeightStationaryTile(TileShape shape) {
        this.shape = shape;
        int rows = shape.rows();
        weights = in(Stream.of(vec(shape.columns(), sint(8))));
        activations = in(Stream.of(Activations.of(rows)));
        sums = out(Stream.of(vec(shape.columns(), sint(shape.sumBits()))));
        moves = wire(sums.ready.or(sums.valid.not()));

        // Bit r: row r is the next to load; the uppermost bit: the next set is complete.
        Bits loading = reg(bits(rows + 1)).init(1).named("loading");
        Bool complete = loading.bit(rows);
        activations.ready.assign(moves.and(complete.or(activations.payload.next.not())));
        Bool swaps = wire(activations.fires().and(activations.payload.next)).named("swaps");
        weights.ready.assign(moves.and(complete.not().or(swaps)));
        Bits free = mux(swaps, b(1, rows + 1), loading);
        when(weights.fires(), () -> loading.assign(cat(free.slice(rows - 1, 0), free.bit(rows))))
                .otherwise(() -> loading.assign(free));

        Bool swapping = swaps;
        for (int r = 0; r < rows; r++) {
            swap.add(wire(swapping.and(moves)).named("swap_" + r));
            swapping = next(swapping);
            x.add(later(activations.payload.x.get(r), r));
            load.add(wire(weights.fires().and(free.bit(r))).named("load_" + r));
        }
        Bool valid = activations.fires();
        for (int i = 0; i < latency(shape); i++) {
            valid = next(valid);
        }
        sums.valid.assign(valid);
        if (shape.packed()) {
            element = null;
            pair = new Int8StationaryPair[rows][shape.columns() / 2];
            buildPairs();
        } else {
            element = new StationaryMac[rows][shape.columns()];
            pair = null;
            buildElements();
        }
    }

    /** Clocks from a vector of activations to its sums, when nothing stalls: {@code rows + 2}, one more on ECP5. */
    public static int latency(TileShape shape) {
        return shape.rows() + shape.block().productLatency();
    }

    private void buildElements() {
        for (int r = 0; r < shape.rows(); r++) {
            boolean top = r == 0;
            for (int c = 0; c < shape.columns(); c++) {
                StationaryMac mac = child(() -> new StationaryMac(shape.block(), top));
                element[r][c] = mac;
                mac.weight.assign(weights.payload.get(c));
                mac.load.assign(load.get(r));
                mac.swap.assign(swap.get(r));
                mac.x.assign(x.get(r));
                mac.enable.assign(moves);
                if (!top) {
                    mac.above.assign(element[r - 1][c].below);
                }
            }
        }
        for (int c = 0; c < shape.columns(); c++) {
            sums.payload.get(c).assign(element[shape.rows() - 1][c].below.low(shape.sumBits()));
        }
    }

    private void buildPairs() {
        assertThat(
                weights.valid
                        .not()
                        .or(allOf(weights.payload.elements().stream()
                                .map(w -> w.ne(-128))
                                .toList())),
                "a packed tile takes weights from -127 to 127");
        for (int r = 0; r < shape.rows(); r++) {
            boolean top = r == 0;
            for (int c = 0; c < shape.columns() / 2; c++) {
                Int8StationaryPair mac = child(() -> new Int8StationaryPair(top));
                pair[r][c] = mac;
                mac.w0.assign(weights.payload.get(2 * c));
                mac.w1.assign(weights.payload.get(2 * c + 1));
                mac.load.assign(load.get(r));
                mac.swap.assign(swap.get(r));
                mac.x.assign(x.get(r));
                mac.enable.assign(moves);
                if (!top) {
                    mac.above.assign(pair[r - 1][c].cascadeOut);
                }
            }
        }
        for (int c = 0; c < shape.columns() / 2; c++) {
            SInt below = pair[shape.rows() - 1][c].below;
            sums.payload.get(2 * c).assign(Int8StationaryPair.low(below).low(shape.sumBits()));
            sums.payload.get(2 * c + 1).assign(Int8StationaryPair.high(below).low(shape.sumBits()));
        }
    }

    /** A value that is false after reset, one step later. */
    private Bool next(Bool value) {
        Bool result = reg(bool(), 0);
        nameAfter(result, value, "_next");
        when(moves, () -> result.assign(value));
        return result;
    }

    private SInt later(SInt value, int steps) {
        SInt result = value;
        for (int i = 1; i <= steps; i++) {
            result = regWhen(result, moves);
            nameAfter(result, value, "_" + i);
        }
        return result;
    }
}
