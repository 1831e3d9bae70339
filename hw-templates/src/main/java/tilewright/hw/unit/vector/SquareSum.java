package tilewright.hw.unit.vector;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.pipeline.Pipeline;
import tilewright.hw.unit.pipeline.Product;
import tilewright.hw.unit.pipeline.RowSum;

/**
 * The sums of the squares of rows, a word of several integers per clock; a sum is there {@code 1 + ceil(log2(lanes))} clocks
 * and those of a {@link Product} after its row's last word.
 */
final class SquareSum extends Component {
    /** The words of a row, the last one marked. */
    final Stream<Last<Vec<SInt>>> words;
    /** What each sum begins with. */
    final UInt epsilon;
    /** One sum per row. */
    final Stream<UInt> sums;

    private final Stream<Last<Vec<SInt>>> squared;
    private final Pipeline line;
    private final List<Product> products = new ArrayList<>();
    private final RowSum sum;

    SquareSum(int lanes, int bits, Multiplier multiplier) {
        int sumBits = NormSettings.SQUARES_BITS;
        words = in(Stream.of(Last.of(vec(lanes, sint(bits)))));
        epsilon = in(uint(sumBits));
        sums = out(Stream.of(uint(sumBits)));
        squared = wire(Stream.of(Last.of(vec(lanes, sint(2 * bits)))));
        line = Pipeline.into(squared);
        sum = child(() -> new RowSum(lanes, 2 * bits, sumBits + 1));

        for (int i = 0; i < lanes; i++) {
            SInt value = words.payload.value.get(i);
            products.add(new Product(line, multiplier, value, value));
            squared.payload.value.get(i).assign(products.get(i).value);
        }
        int latency = products.getFirst().latency();
        squared.payload.last.assign(line.later(words.payload.last, latency));
        squared.valid.assign(line.from(words, latency));
        sum.words.assign(squared);
        sum.start.assign(epsilon.toSInt());
        sums.assign(sum.sums.map(total -> total.low(sumBits).asUInt()));
    }
}
