package tilewright.hw.unit.vector;

import java.util.List;
import tilewright.hw.arith.OnlineSoftmax;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Divider;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.pipeline.Pipeline;

/**
 * {@link OnlineSoftmax#add} of one score per clock and {@link OnlineSoftmax#finish} once per row, while the next row
 * comes in. A row's scale is there 21 clocks after its last score (22 without hardware multipliers); a row takes as many
 * clocks as it has scores, 14 at least.
 *
 * <p>The loop from one score to the next holds no shift by a variable amount: the sum is kept in units of
 * {@code 2^(16 * floor(exponent / 16))}, a score is aligned to them before it reaches the loop, and there the sum is
 * only ever moved by a multiple of 16 bits. It equals the sum in units of {@code 2^exponent}, cut off at every rise of
 * the exponent, because {@code floor((floor(x / a) + n) / b) = floor((x + a * n) / (a * b))} for an integer n: where the
 * sum is cut off late, it is cut off once.
 */
public final class SoftmaxSum extends Component {
    private static final int BLOCK_LOG2 = 4;
    private static final int RECIPROCAL = OnlineSoftmax.RECIPROCAL_BITS;

    /** The scores of a row, the last one marked; at most the format's length. */
    public final Stream<Last<SInt>> scores;
    /** One scale per row. */
    public final Stream<SoftmaxScale> scales;

    private final Stream<Row> rows;
    private final Pipeline adding;
    private final SInt highest;
    private final Bool begins;
    private final Exp2 exp2;
    private final UInt aligned;
    private final UInt sum;
    private final Stream<Divider.Division<Row>> normalised;
    private final Pipeline finishing;
    private final UInt fine;
    private final Divider<Row> divider;

    /** The sum of a row, or what is left of it to be told after the division. */
    private static final class Row extends Bundle {
        final SInt exponent = field(sint(SoftmaxScale.EXPONENT_BITS));
        final UInt rest;

        Row(int bits) {
            rest = field(uint(bits));
        }
    }

    /** A unit for rows of a format. */
    public SoftmaxSum(SoftmaxFormat format, Multiplier multiplier) {
        int fineBits = SoftmaxScale.MANTISSA_BITS + SoftmaxScale.longest(format);
        int block = 1 << BLOCK_LOG2;
        int sumBits = fineBits + block - 1;
        Type<Row> rowType = () -> new Row(sumBits);
        scores = in(Stream.of(Last.of(sint(SoftmaxFormat.SCORE_BITS))));
        scales = out(Stream.of(SoftmaxScale.of(format)));
        rows = wire(Stream.of(rowType));
        adding = Pipeline.into(rows);

        // The exponent: the largest whole part so far. It is known a stage after the score.
        SInt whole = Exp2.whole(scores.payload.value);
        highest = reg(sint(SoftmaxScale.EXPONENT_BITS));
        begins = reg(bool()).init(true);
        when(adding.moves().and(scores.valid), () -> {
            begins.assign(scores.payload.last);
            when(begins.or(whole.gt(highest)), () -> highest.assign(whole));
        });
        SInt before = adding.next(highest);
        SInt below = highest.minus(adding.next(whole));
        SInt rise = highest.shr(BLOCK_LOG2).minus(before.shr(BLOCK_LOG2));
        int riseBits = indexWidth((sumBits - 1) / block + 2);
        UInt drop = adding.next(below.low(SoftmaxScale.EXPONENT_BITS).asUInt().saturate(5));
        UInt jump = adding.next(mux(
                adding.next(begins),
                u((1 << riseBits) - 1, riseBits),
                rise.low(rise.width() - 1).asUInt().saturate(riseBits)));

        exp2 = new Exp2(adding, multiplier, format, scores.payload.value);
        int known = exp2.latency();
        UInt shifted = exp2.mantissa.shr(adding.later(drop, known - 2));
        UInt place = adding.later(highest.low(BLOCK_LOG2).asUInt(), known - 1);
        aligned = adding.next(
                shifted.extend(SoftmaxScale.MANTISSA_BITS + block - 1).shl(place));
        sum = reg(uint(sumBits));
        Bool arrives = adding.from(scores, known + 1);
        UInt kept = sum.shr(adding.later(jump, known - 1).shl(BLOCK_LOG2));
        when(adding.moves().and(arrives), () -> sum.assign(kept.plusMod(aligned)));
        rows.payload.exponent.assign(adding.later(highest, known + 1));
        rows.payload.rest.assign(sum);
        rows.valid.assign(adding.flag(arrives, 1).and(adding.later(scores.payload.last, known + 2)));

        // The sum in units of 2^exponent, then with its highest bit in place.
        Type<Row> tag = () -> new Row(SoftmaxScale.extraBits(format));
        int quotientBits = RECIPROCAL + 2;
        divider = child(() -> new Divider<>(quotientBits, RECIPROCAL, tag));
        normalised = wire(typeOf(divider.input));
        finishing = Pipeline.into(normalised);
        fine = finishing
                .next(sum.shr(rows.payload.exponent.low(BLOCK_LOG2).asUInt()))
                .low(fineBits);
        UInt extra = extra(fine, format);
        UInt top = fine.shr(extra).slice(RECIPROCAL, 1).asUInt();
        normalised.valid.assign(finishing.from(rows, 2));
        normalised.payload.dividend.assign(1L << (2 * RECIPROCAL - 1));
        normalised.payload.divisor.assign(finishing.next(top));
        normalised.payload.tag.exponent.assign(finishing.later(rows.payload.exponent, 2));
        normalised.payload.tag.rest.assign(finishing.next(extra));
        divider.input.assign(normalised);
        scales.assign(divider.output.map(
                q -> view(scales.word(), List.of(q.tag.exponent, q.value.low(RECIPROCAL + 1), q.tag.rest))));
    }

    /** The place of the highest set bit above a mantissa's. */
    private static UInt extra(UInt number, SoftmaxFormat format) {
        int bits = SoftmaxScale.extraBits(format);
        UInt result = u(0, bits);
        for (int i = 1; i <= SoftmaxScale.longest(format); i++) {
            result = mux(number.bit(SoftmaxScale.MANTISSA_BITS - 1 + i), u(i, bits), result);
        }
        return result;
    }
}
