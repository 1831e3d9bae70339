package tilewright.hw.unit.vector;

import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Divider;
import tilewright.hw.unit.pipeline.Pipeline;
import tilewright.hw.unit.pipeline.RowSum;

/**
 * The means of rows with extra fraction bits, rounded as {@link LayerNormUnit} rounds them: one every
 * {@code (inputBits + fraction) / 2 + 2} clocks, about 5 clocks more after a row's last word.
 */
final class RowMean extends Component {
    /** The words of a row, the last one marked. */
    final Stream<Last<Vec<SInt>>> words;
    /** Features of a row. */
    final UInt features;
    /** Extra fraction bits. */
    final UInt fraction;
    /** One mean per row. */
    final Stream<SInt> means;

    private final RowSum sum;
    private final Divider<UInt> divider;
    private final Stream<Divider.Division<UInt>> raised;
    private final Pipeline line;

    /** Means with at most {@code mostFraction} extra bits. */
    RowMean(int lanes, int inputBits, int mostFraction, int mostFeatures) {
        int featureBits = bitsFor(mostFeatures);
        int meanBits = inputBits + mostFraction;
        int quotientBits = (meanBits + 2) / 2 * 2;
        words = in(Stream.of(Last.of(vec(lanes, sint(inputBits)))));
        features = in(uint(featureBits));
        fraction = in(uint(NormSettings.FRACTION_BITS));
        means = out(Stream.of(sint(meanBits)));
        sum = child(() -> new RowSum(lanes, inputBits, inputBits + featureBits));
        divider = child(() -> new Divider<>(quotientBits, featureBits, uint(1)));
        raised = wire(typeOf(divider.input));
        line = Pipeline.into(raised);

        sum.words.assign(words);
        sum.start.assign(0);
        // 2^inputBits is added to the mean before the division, so that it has no sign, and taken off after it.
        UInt offset = features.shl(inputBits);
        UInt positive = line.next(sum.sums.payload.plus(offset.toSInt()))
                .low(inputBits + featureBits + 1)
                .asUInt();
        UInt half = features.shr(1);
        UInt dividend =
                positive.extend(quotientBits + featureBits).shl(fraction).plusMod(half);
        raised.payload.dividend.assign(line.next(dividend));
        raised.payload.divisor.assign(features);
        raised.payload.tag.assign(0);
        raised.valid.assign(line.from(sum.sums, 2));
        divider.input.assign(raised);
        UInt taken = u(1L << inputBits, quotientBits).shl(fraction);
        means.assign(divider.output
                .map(q -> q.value.minusMod(taken).low(meanBits).asSInt())
                .stage());
    }
}
