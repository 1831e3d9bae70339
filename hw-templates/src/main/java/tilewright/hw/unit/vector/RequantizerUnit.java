package tilewright.hw.unit.vector;

import tilewright.hw.arith.Requantizer;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.pipeline.Pipeline;
import tilewright.hw.unit.pipeline.Product;
import tilewright.hw.unit.pipeline.RoundingShift;

/**
 * {@link Requantizer#apply} of one accumulator per clock, each with a factor of its own.
 *
 * <p>Latency: that of a {@link Product} and a {@link RoundingShift}, 7 clocks where both factors are cut in two.
 */
public final class RequantizerUnit extends Component {
    /** Accumulators. */
    public final Stream<Scaled> input;
    /** What they are requantised to. */
    public final Stream<SInt> output;

    private final Pipeline line;
    private final Product product;
    private final RoundingShift rounded;

    /**
     * Widths of a requantiser.
     *
     * @param accumulatorBits of what comes in, at most 48
     * @param resultBits of what goes out, 2 to {@value Requantizer#MAX_RESULT_BITS}
     */
    public record Widths(int accumulatorBits, int resultBits) {}

    /** A requantiser. */
    public RequantizerUnit(Widths widths, Multiplier multiplier) {
        input = in(Stream.of(Scaled.of(widths.accumulatorBits)));
        output = out(Stream.of(sint(widths.resultBits)));
        line = Pipeline.into(output);

        Scaled word = input.payload;
        product = new Product(line, multiplier, word.value, word.multiplier.toSInt());
        UInt shift = line.later(word.shift, product.latency());
        rounded = RoundingShift.saturating(line, product.value, shift, widths.resultBits);
        output.payload.assign(rounded.value);
        output.valid.assign(line.from(input, product.latency() + rounded.latency()));
    }
}
