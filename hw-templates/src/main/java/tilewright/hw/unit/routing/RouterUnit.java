package tilewright.hw.unit.routing;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.vector.SoftmaxRatio;
import tilewright.hw.unit.vector.SoftmaxSum;

/**
 * Routes tokens: of the scores of a token's experts, one per clock, the largest, with their softmax over all experts or
 * over the selected ones. A token takes as many clocks as there are experts (14 at least); its first route follows its
 * last score by at most 32 clocks, or by {@code topK} more where the softmax is over the selected.
 */
public final class RouterUnit extends Component {
    /** Tokens whose selected experts wait for the softmax's sum. */
    private static final int WAITING = 4;
    /** Routes on their way through the softmax's division. */
    private static final int UNDER_WAY = 16;

    /** The scores of a token's experts, the last one marked. */
    public final Stream<Last<SInt>> scores;
    /** A token's routes, the likeliest expert first, the last one marked. */
    public final Stream<Last<Route>> routes;

    private final TopKUnit top;
    private final SoftmaxSum sum;
    private final SoftmaxRatio ratio;

    /**
     * What a router decides.
     *
     * @param experts the most there are
     * @param topK how many a token goes to
     * @param overSelected whether the probabilities of the selected, not of all, add up to one
     */
    public record Choice(int experts, int topK, boolean overSelected) {}

    /** A router; {@code format} gives the widths of the softmax, its rows being at least as long as there are scores. */
    public RouterUnit(Choice choice, SoftmaxFormat format, Multiplier multiplier) {
        int expertBits = indexWidth(choice.experts);
        int waiting = WAITING * choice.topK;
        scores = in(Stream.of(Last.of(sint(SoftmaxFormat.SCORE_BITS))));
        routes = out(Stream.of(Last.of(Route.of(expertBits, format.probabilityBits() + 1))));
        top = child(() -> new TopKUnit(choice.experts, choice.topK));
        sum = child(() -> new SoftmaxSum(format, multiplier));
        ratio = child(() -> new SoftmaxRatio(format, multiplier));

        List<Stream<Last<SInt>>> given = new ArrayList<>(scores.fork(choice.overSelected ? 1 : 2));
        top.scores.assign(given.removeFirst());
        List<Stream<Last<Candidate>>> chosen =
                Stream.narrow(top.selected.stage()).last(choice.topK).fork(choice.overSelected ? 3 : 2);
        Stream<UInt> experts = chosen.getFirst().map(c -> c.value.expert).fifo(waiting + UNDER_WAY);
        ratio.scores.assign(chosen.get(1).map(RouterUnit::score).fifo(waiting));
        sum.scores.assign(choice.overSelected ? chosen.get(2).map(RouterUnit::score) : given.getFirst());
        ratio.scales.assign(sum.scales.skid());
        routes.assign(experts.join(ratio.probabilities)
                .map(pair -> view(routes.word(), List.of(pair.first, pair.second.value, pair.second.last))));
    }

    private static Last<SInt> score(Last<Candidate> candidate) {
        return view(Last.of(sint(SoftmaxFormat.SCORE_BITS)), List.of(candidate.value.score, candidate.last));
    }
}
