package tilewright.sim.unit;

import java.util.List;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;

/** Every combinator of streams, in four chains. */
final class Combinators extends Component {
    static final int BITS = 20;

    /** Registers and queues one behind the other: odd words plus one. */
    final Stream<UInt> queued = in(Stream.of(uint(BITS)));

    final Stream<UInt> queuedSeen = out(Stream.of(uint(BITS)));
    /** Two branches joined again, four words gathered and given one by one: words twice, each third marked. */
    final Stream<UInt> joined = in(Stream.of(uint(BITS)));

    final Stream<Last<UInt>> joinedSeen = out(Stream.of(Last.of(uint(BITS + 1))));
    /** Three ways by the lowest two bits, a fourth leads nowhere; then together again in turn. */
    final Stream<UInt> routed = in(Stream.of(uint(BITS)));

    final Stream<UInt> routedSeen = out(Stream.of(uint(BITS)));
    /** The same, the first way before the others. */
    final Stream<UInt> ranked = in(Stream.of(uint(BITS)));

    final Stream<UInt> rankedSeen = out(Stream.of(uint(BITS)));

    Combinators() {
        queuedSeen.assign(queued.stage()
                .halfStage()
                .skid()
                .fifo(8)
                .fifo(100)
                .filter(word -> word.bit(0))
                .map(word -> word.plusMod(1)));

        List<Stream<UInt>> branches = joined.fork(2);
        Stream<UInt> sums =
                branches.getFirst().stage().join(branches.getLast().fifo(4)).map(pair -> pair.first.plus(pair.second));
        Stream<Vec<UInt>> four = sums.widen(4);
        joinedSeen.assign(Stream.narrow(four).last(3));

        routedSeen.assign(Stream.arbitrate(ways(routed)));
        rankedSeen.assign(Stream.prioritise(ways(ranked)));
    }

    private static List<Stream<UInt>> ways(Stream<UInt> words) {
        List<Stream<UInt>> ways = words.demux(3, word -> word.low(2).asUInt());
        return List.of(ways.get(0).stage(), ways.get(1).fifo(3), ways.get(2).halfStage());
    }
}
