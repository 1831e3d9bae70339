package tilewright.hw.unit.vector;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.lang.Area;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Pair;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.pipeline.Pipeline;
import tilewright.hw.unit.pipeline.Product;
import tilewright.hw.unit.pipeline.RoundingShift;

/**
 * The last step of {@link LayerNormUnit}: centred values times their row's inverse root, times gamma, plus beta. A word
 * per clock; latency 14 with 25 x 18 bit multipliers.
 */
final class NormScale extends Component {
    /** Normalised values are at most one in magnitude. */
    private static final int NORMALISED_BITS = LayerNormUnit.NORMALISED_FRACTION + 2;

    /** Centred values, each word with its row's inverse root. */
    final Stream<Last<Pair<Vec<SInt>, InverseRoot.Inverse>>> words;
    /** Gammas and betas, word for word. */
    final Stream<Vec<NormParameter>> parameters;
    /** The shift of {@link NormSettings}. */
    final UInt shift;
    /** Results. */
    final Stream<Last<Vec<SInt>>> results;

    private final Pipeline line;
    private final List<Lane> lanes = new ArrayList<>();

    /** One column of the words. */
    private static final class Lane implements Area {
        final Product product;
        final RoundingShift normalised;
        final Product scaled;
        final SInt sum;
        final RoundingShift result;

        Lane(
                Pipeline line,
                Multiplier multiplier,
                SInt centred,
                InverseRoot.Inverse inverse,
                NormParameter parameter,
                UInt shift,
                int bits) {
            product = new Product(line, multiplier, centred, inverse.value.toSInt());
            UInt amount = line.later(inverse.shift, product.latency());
            normalised = RoundingShift.saturating(line, product.value, amount, NORMALISED_BITS);
            int known = product.latency() + normalised.latency();
            scaled = new Product(line, multiplier, normalised.value, line.later(parameter.gamma, known));
            sum = line.next(scaled.value.plus(line.later(parameter.beta, known + scaled.latency())));
            result = RoundingShift.saturating(line, sum, shift, bits);
        }

        int latency() {
            return product.latency() + normalised.latency() + scaled.latency() + 1 + result.latency();
        }
    }

    NormScale(int width, int centredBits, int resultBits, Multiplier multiplier) {
        words = in(Stream.of(Last.of(Pair.of(vec(width, sint(centredBits)), InverseRoot.Inverse.TYPE))));
        parameters = in(Stream.of(vec(width, NormParameter.TYPE)));
        shift = in(uint(NormSettings.SHIFT_BITS));
        results = out(Stream.of(Last.of(vec(width, sint(resultBits)))));
        line = Pipeline.into(results);

        Stream<Pair<Last<Pair<Vec<SInt>, InverseRoot.Inverse>>, Vec<NormParameter>>> both = words.join(parameters);
        Pair<Vec<SInt>, InverseRoot.Inverse> word = both.payload.first.value;
        for (int i = 0; i < width; i++) {
            SInt centred = word.first.get(i);
            lanes.add(new Lane(line, multiplier, centred, word.second, both.payload.second.get(i), shift, resultBits));
            results.payload.value.get(i).assign(lanes.get(i).result.value);
        }
        int latency = lanes.getFirst().latency();
        results.payload.last.assign(line.later(both.payload.first.last, latency));
        results.valid.assign(line.from(both, latency));
    }
}
