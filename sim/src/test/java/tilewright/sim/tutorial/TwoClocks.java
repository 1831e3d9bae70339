package tilewright.sim.tutorial;

import tilewright.hw.lang.ClockDomain;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.ClockCrossingFifo;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;

/** {@link ArgMax} in a clock of its own, its scores from another. */
final class TwoClocks extends Component {
    final Stream<Last<SInt>> scores;
    final Stream<UInt> winner;
    private final ClockCrossingFifo<Last<SInt>> crossing;
    private final ArgMax argMax;

    TwoClocks() {
        ClockDomain memory = ClockDomain.of("memory");
        ClockDomain router = ClockDomain.of("router");
        scores = clockedBy(memory, () -> in(Stream.of(Last.of(sint(8)))));
        winner = clockedBy(router, () -> out(Stream.of(uint(4))));
        crossing = child(() -> new ClockCrossingFifo<>(Last.of(sint(8)), 16, memory, router));
        argMax = clockedBy(router, () -> child(ArgMax::new));
        crossing.input.assign(scores);
        argMax.scores.assign(crossing.output);
        winner.assign(argMax.winner);
    }
}
