package tilewright.hw.unit.routing;

import java.util.List;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TopK;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Pipeline;

/**
 * {@link TopK#select} of one score per clock: each place of a sorted list compares the score with its own and keeps,
 * takes the score, or takes what the place above gives up. A row's list is there one clock after its last score.
 */
public final class TopKUnit extends Component {
    /** The scores of a row, the last one marked; at least as many as are selected. */
    public final Stream<Last<SInt>> scores;
    /** The largest of each row, in descending order; of equal ones the first. */
    public final Stream<Vec<Candidate>> selected;

    private final Pipeline line;
    private final Vec<Candidate> best;
    private final Vec<Bool> filled;
    private final UInt index;

    /** Selects {@code topK} of at most {@code experts} scores. */
    public TopKUnit(int experts, int topK) {
        int expertBits = indexWidth(experts);
        scores = in(Stream.of(Last.of(sint(SoftmaxFormat.SCORE_BITS))));
        selected = out(Stream.of(vec(topK, Candidate.of(expertBits))));
        line = Pipeline.into(selected);
        best = reg(vec(topK, Candidate.of(expertBits)));
        filled = reg(vec(topK, bool()));
        index = reg(uint(expertBits), 0);

        Candidate candidate = view(Candidate.of(expertBits), List.of(index, scores.payload.value));
        Vec<Bool> holds = filled.map(place -> place.and(index.ne(0)));
        Vec<Bool> loses = Vec.tabulate(topK, i -> holds.get(i).not().or(candidate.score.gt(best.get(i).score)));
        when(line.moves().and(scores.valid), () -> {
            index.assign(mux(scores.payload.last, u(0, expertBits), index.plusMod(1)));
            for (int i = 0; i < topK; i++) {
                Bool above = i == 0 ? bool(false) : loses.get(i - 1);
                Candidate next = i == 0 ? candidate : mux(above, best.get(i - 1), candidate);
                int place = i;
                when(loses.get(i), () -> assign(best.get(place), next));
                filled.get(i).assign(i == 0 ? bool(true) : holds.get(i).or(holds.get(i - 1)));
            }
        });
        scores.ready.assign(line.moves());
        selected.valid.assign(line.flag(scores.valid.and(scores.payload.last), 1));
        selected.payload.assign(best);
    }
}
