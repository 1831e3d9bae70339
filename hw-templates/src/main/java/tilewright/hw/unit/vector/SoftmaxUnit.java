package tilewright.hw.unit.vector;

import java.util.List;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Multiplier;

/**
 * Softmax of rows, as {@link tilewright.hw.arith.OnlineSoftmax} defines it, in a single pass: a score in and a
 * probability out at every clock. A row of L scores is out 2L + 30 clocks after its first score at the latest; rows one
 * after the other take L clocks each (14 at least), for one row comes in while the row before goes out.
 *
 * <p>The scores of a row wait in a memory for their scale, together with those of the next row that come meanwhile.
 */
public final class SoftmaxUnit extends Component {
    /** Scores that come while a row's scale is computed. */
    private static final int SLACK = 32;

    /** The scores of a row, the last one marked; a row longer than the format's is never finished. */
    public final Stream<Last<SInt>> scores;
    /** Their probabilities, the last one marked; 1.0 is {@code 1 << format.probabilityBits()}. */
    public final Stream<Last<UInt>> probabilities;

    private final SoftmaxSum sum;
    private final SoftmaxRatio ratio;

    /** A unit for rows of a format. */
    public SoftmaxUnit(SoftmaxFormat format, Multiplier multiplier) {
        scores = in(Stream.of(Last.of(sint(SoftmaxFormat.SCORE_BITS))));
        probabilities = out(Stream.of(Last.of(uint(format.probabilityBits() + 1))));
        sum = child(() -> new SoftmaxSum(format, multiplier));
        ratio = child(() -> new SoftmaxRatio(format, multiplier));

        List<Stream<Last<SInt>>> both = scores.fork(2);
        sum.scores.assign(both.getFirst());
        ratio.scores.assign(both.getLast().fifo(format.rowLength() + SLACK));
        ratio.scales.assign(sum.scales.skid());
        probabilities.assign(ratio.probabilities);
    }
}
