package tilewright.hw.unit.vector;

import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Interpolation;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.pipeline.Pipeline;

/**
 * An {@link EvenResidualFunction}, such as GELU or SiLU, of one code per clock.
 *
 * <p>The table is part of the hardware; the output's factor comes with each code. Latency: 5 clocks where a multiplier
 * takes 9 x 16 bits at once, and then that of a {@link RequantizerUnit}.
 */
public final class EvenResidualUnit extends Component {
    private static final int STEP_BITS = EvenResidualFunction.INPUT_FRACTION - EvenResidualFunction.STEP_LOG2;
    private static final int EXACT_BITS =
            EvenResidualFunction.INPUT_BITS + EvenResidualFunction.TABLE_FRACTION - EvenResidualFunction.INPUT_FRACTION;
    private static final int RESULT_BITS = 16;

    /** Codes of {@value EvenResidualFunction#INPUT_BITS} bits, each with the factor of its output. */
    public final Stream<Scaled> input;
    /** Results of {@value #RESULT_BITS} bits. */
    public final Stream<SInt> output;

    private final Stream<Scaled> exact;
    private final Pipeline line;
    private final UInt magnitude;
    private final Interpolation residual;
    private final SInt even;
    private final RequantizerUnit requantizer;

    /** A unit for one function. */
    public EvenResidualUnit(EvenResidualFunction function, Multiplier multiplier) {
        int[] table = function.table();
        input = in(Stream.of(Scaled.of(EvenResidualFunction.INPUT_BITS)));
        output = out(Stream.of(sint(RESULT_BITS)));
        exact = wire(Stream.of(Scaled.of(EXACT_BITS)));
        line = Pipeline.into(exact);

        SInt code = input.payload.value;
        magnitude = line.next(code.abs());
        UInt index = magnitude.shr(STEP_BITS);
        UInt segment = index.low(indexWidth(table.length - 1));
        residual = new Interpolation(line, multiplier, table, segment, magnitude.low(STEP_BITS));
        Bool inside = line.later(index.lt(table.length - 1), residual.latency());
        even = line.next(mux(inside, residual.value, s(0, residual.value.width())));

        int latency = residual.latency() + 2;
        SInt positive = line.later(mux(code.isNegative(), s(0, code.width()), code), latency);
        SInt difference = positive.shl(EvenResidualFunction.TABLE_FRACTION - EvenResidualFunction.INPUT_FRACTION)
                .minus(even);
        exact.payload.value.assign(line.next(difference).low(EXACT_BITS));
        exact.payload.multiplier.assign(line.later(input.payload.multiplier, latency + 1));
        exact.payload.shift.assign(line.later(input.payload.shift, latency + 1));
        exact.valid.assign(line.from(input, latency + 1));

        requantizer = child(() -> new RequantizerUnit(new RequantizerUnit.Widths(EXACT_BITS, RESULT_BITS), multiplier));
        requantizer.input.assign(exact);
        output.assign(requantizer.output);
    }
}
