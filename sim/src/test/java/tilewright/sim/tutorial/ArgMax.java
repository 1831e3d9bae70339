package tilewright.sim.tutorial;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;

/**
 * Gives the place of the greatest score of each packet of 1 to 16, the first of them where several are greatest.
 *
 * <p>Latency 1 after the last score, a score at every clock.
 */
final class ArgMax extends Component {
    final Stream<Last<SInt>> scores = in(Stream.of(Last.of(sint(8))));
    final Stream<UInt> winner = out(Stream.of(uint(4)));

    private final UInt place = reg(uint(4), 0);
    private final UInt bestPlace = reg(uint(4));
    private final SInt best = reg(sint(8));

    ArgMax() {
        SInt score = scores.payload.value;
        Bool last = scores.payload.last;
        Bool taken = scores.fires().named("taken");
        Bool isBetter = place.eq(0).or(score.gt(best)).named("isBetter");
        UInt winnerSoFar = mux(isBetter, place, bestPlace).named("winnerSoFar");
        when(taken, () -> {
            place.assign(mux(last, u(0, 4), place.plusMod(1)));
            bestPlace.assign(winnerSoFar);
            when(isBetter, () -> best.assign(score));
            assertThat(place.ne(15).or(last), "a packet has more than 16 scores");
        });
        winner.assign(scores.filter(word -> word.last).map(_ -> winnerSoFar).stage());
    }
}
