package tilewright.hw.unit.vector;

import java.util.List;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Pair;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.pipeline.Pipeline;
import tilewright.hw.unit.pipeline.Rows;

/**
 * LayerNorm or RMSNorm of rows, as {@link LayerNormUnit} defines them, a word of several features per clock.
 *
 * <p>Each row is summed while it comes in, waits for its mean, is summed again in squares, and waits for its inverse
 * root; these steps work on different rows at once. A row of W words takes W clocks, 32 at least.
 * With DSP48 multipliers and features of 16 bits its first result follows its last word by {@code W + 86 + 2 log2(lanes)}
 * clocks, in RMSNorm by {@code 68 + log2(lanes)}.
 */
public final class NormUnit extends Component {
    /** Words that come while a row's mean is divided. */
    private static final int MEAN_SLACK = 32;
    /** Words that come while a row's inverse root is computed. */
    private static final int ROOT_SLACK = 80;

    /** The words of a row, the last one marked; every row has {@code settings.features} features, in whole words. */
    public final Stream<Last<Vec<SInt>>> words;
    /** Gammas and betas, word for word, from the first again for each row. */
    public final Stream<Vec<NormParameter>> parameters;
    /** What holds for all rows; may change when no row is inside. */
    public final NormSettings settings;
    /** The normalised words, the last one of a row marked. */
    public final Stream<Last<Vec<SInt>>> results;

    private final Stream<Last<Vec<SInt>>> centred;
    private final Pipeline centring;
    private final SquareSum squares;
    private final InverseRoot inverse;
    private final NormScale scale;

    /**
     * Which rows it normalises.
     *
     * @param lanes features in a word
     * @param features the most in a row
     * @param inputBits of a feature that comes in, 8 to 24
     * @param resultBits of a feature that goes out
     * @param centred LayerNorm where it is true; RMSNorm, without the mean, where it is not
     */
    public record Shape(int lanes, int features, int inputBits, int resultBits, boolean centred) {
        /** The most fraction bits of a mean: those of the shortest rows. */
        int fraction() {
            return new LayerNormUnit(1, inputBits).fractionBits();
        }

        int words() {
            return (features + lanes - 1) / lanes;
        }
    }

    /** A unit for rows of a shape. */
    public NormUnit(Shape shape, Multiplier multiplier) {
        int lanes = shape.lanes;
        int centredBits = shape.inputBits + shape.fraction() + 1;
        words = in(Stream.of(Last.of(vec(lanes, sint(shape.inputBits)))));
        parameters = in(Stream.of(vec(lanes, NormParameter.TYPE)));
        settings = in(NormSettings.of(shape.features));
        results = out(Stream.of(Last.of(vec(lanes, sint(shape.resultBits)))));
        centred = wire(Stream.of(Last.of(vec(lanes, sint(centredBits)))));
        centring = Pipeline.into(centred);
        squares = child(() -> new SquareSum(lanes, centredBits, multiplier));
        inverse = child(InverseRoot::new);
        scale = child(() -> new NormScale(lanes, centredBits, shape.resultBits, multiplier));

        if (shape.centred) {
            subtractMean(shape);
        } else {
            Vec<SInt> raised = raise(words.payload.value, centredBits);
            centred.payload.value.assign(raised.map(centring::next));
            centred.payload.last.assign(centring.next(words.payload.last));
            centred.valid.assign(centring.from(words, 1));
        }
        List<Stream<Last<Vec<SInt>>>> both = centred.fork(2);
        squares.words.assign(both.getFirst());
        squares.epsilon.assign(settings.epsilon);
        inverse.squares.assign(squares.sums);
        scale.words.assign(Rows.each(both.getLast().fifo(shape.words() + ROOT_SLACK), inverse.inverses.skid()));
        scale.parameters.assign(parameters);
        scale.shift.assign(settings.shift);
        results.assign(scale.results);
    }

    private void subtractMean(Shape shape) {
        RowMean mean = child(() -> new RowMean(shape.lanes, shape.inputBits, shape.fraction(), shape.features));
        mean.features.assign(settings.features);
        mean.fraction.assign(settings.fraction);
        List<Stream<Last<Vec<SInt>>>> both = words.fork(2);
        mean.words.assign(both.getFirst());
        Stream<Last<Vec<SInt>>> waiting = both.getLast().fifo(shape.words() + MEAN_SLACK);
        Stream<Last<Pair<Vec<SInt>, SInt>>> pairs = Rows.each(waiting, mean.means);
        Vec<SInt> raised = raise(pairs.payload.value.first, shape.inputBits + shape.fraction());
        SInt subtracted = centring.next(pairs.payload.value.second);
        centred.payload.value.assign(
                raised.map(value -> centring.next(centring.next(value).minus(subtracted))));
        centred.payload.last.assign(centring.later(pairs.payload.last, 2));
        centred.valid.assign(centring.from(pairs, 2));
    }

    /** Features with the mean's fraction bits. */
    private Vec<SInt> raise(Vec<SInt> features, int bits) {
        return features.map(feature -> feature.extend(bits).shl(settings.fraction));
    }
}
