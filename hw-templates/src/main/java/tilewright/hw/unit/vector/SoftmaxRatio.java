package tilewright.hw.unit.vector;

import tilewright.hw.arith.OnlineSoftmax;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Pair;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.pipeline.Pipeline;
import tilewright.hw.unit.pipeline.Product;
import tilewright.hw.unit.pipeline.RoundingShift;
import tilewright.hw.unit.pipeline.Rows;

/**
 * {@link OnlineSoftmax#probability} of one score per clock. The scores may come before their row's scale; the first
 * probability follows the later of both by at most 8 clocks (10 without hardware multipliers).
 */
public final class SoftmaxRatio extends Component {
    /** The scores of a row, the last one marked. */
    public final Stream<Last<SInt>> scores;
    /** One scale per row. */
    public final Stream<SoftmaxScale> scales;
    /** The probabilities of a row, the last one marked; 1.0 is {@code 1 << format.probabilityBits()}. */
    public final Stream<Last<UInt>> probabilities;

    private final Stream<Last<Power>> powers;
    private final Pipeline raising;
    private final Exp2 exp2;
    private final Pipeline dividing;
    private final UInt aligned;
    private final Product product;
    private final RoundingShift rounded;

    /** A score as {@code mantissa * 2^exponent}. */
    private static final class Power extends Bundle {
        static final Type<Power> TYPE = Power::new;

        final SInt exponent = field(sint(SoftmaxScale.EXPONENT_BITS));
        final UInt mantissa = field(uint(SoftmaxScale.MANTISSA_BITS));

        private Power() {}
    }

    /** A unit for rows of a format. */
    public SoftmaxRatio(SoftmaxFormat format, Multiplier multiplier) {
        int bits = format.probabilityBits();
        scores = in(Stream.of(Last.of(sint(SoftmaxFormat.SCORE_BITS))));
        scales = in(Stream.of(SoftmaxScale.of(format)));
        probabilities = out(Stream.of(Last.of(uint(bits + 1))));

        powers = wire(Stream.of(Last.of(Power.TYPE)));
        raising = Pipeline.into(powers);
        exp2 = new Exp2(raising, multiplier, format, scores.payload.value);
        powers.payload.value.exponent.assign(raising.later(Exp2.whole(scores.payload.value), exp2.latency()));
        powers.payload.value.mantissa.assign(exp2.mantissa);
        powers.payload.last.assign(raising.later(scores.payload.last, exp2.latency()));
        powers.valid.assign(raising.from(scores, exp2.latency()));

        Stream<Last<Pair<Power, SoftmaxScale>>> pairs = Rows.each(powers, scales);
        Power power = pairs.payload.value.first;
        SoftmaxScale scale = pairs.payload.value.second;
        dividing = Pipeline.into(probabilities);
        SInt below = scale.exponent.minus(power.exponent);
        UInt drop = dividing.next(below.low(SoftmaxScale.EXPONENT_BITS).asUInt().saturate(5));
        aligned = dividing.next(dividing.next(power.mantissa).shr(drop));
        product = new Product(
                dividing,
                multiplier,
                aligned.toSInt(),
                dividing.later(scale.reciprocal, 2).toSInt());
        int known = 2 + product.latency();
        int least = 2 * OnlineSoftmax.RECIPROCAL_BITS - bits;
        UInt extra = dividing.later(scale.extra, known);
        rounded = new RoundingShift(dividing, product.value, least, extra, RoundingShift.Range.UP_TO_POWER, bits);
        int latency = known + rounded.latency();
        probabilities.payload.value.assign(rounded.value.low(bits + 1).asUInt());
        probabilities.payload.last.assign(dividing.later(pairs.payload.last, latency));
        probabilities.valid.assign(dividing.from(pairs, latency));
    }
}
