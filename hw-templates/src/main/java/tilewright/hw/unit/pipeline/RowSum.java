package tilewright.hw.unit.pipeline;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;

/**
 * Sums of rows, a word of several integers per clock. A sum is there {@code 1 + ceil(log2(lanes))} clocks after its
 * row's last word: the lanes are added in pairs, one level of the tree per stage.
 */
public final class RowSum extends Component {
    /** The words of a row, the last one marked. */
    public final Stream<Last<Vec<SInt>>> words;
    /** What a sum begins with; held while a row passes. */
    public final SInt start;
    /** One sum per row. */
    public final Stream<SInt> sums;

    private final Pipeline line;
    private final List<SInt> added = new ArrayList<>();
    private final Bool begins;
    private final SInt sum;

    /** Sums of {@code sumBits} bits, in which every partial sum must fit. */
    public RowSum(int lanes, int bits, int sumBits) {
        words = in(Stream.of(Last.of(vec(lanes, sint(bits)))));
        start = in(sint(sumBits));
        sums = out(Stream.of(sint(sumBits)));
        line = Pipeline.into(sums);
        begins = reg(bool(), 1);
        sum = reg(sint(sumBits));

        List<SInt> level = words.payload.value.elements();
        int stages = 0;
        for (; level.size() > 1; stages++) {
            level = pairs(level);
        }
        Bool arrives = line.from(words, stages);
        Bool isLast = line.later(words.payload.last, stages);
        SInt word = level.getFirst();
        when(line.moves().and(arrives), () -> {
            begins.assign(isLast);
            sum.assign(mux(begins, start, sum).plusMod(word.resize(sumBits)));
        });
        sums.payload.assign(sum);
        sums.valid.assign(line.flag(arrives.and(isLast), 1));
    }

    private List<SInt> pairs(List<SInt> level) {
        List<SInt> next = new ArrayList<>();
        for (int i = 0; i < level.size(); i += 2) {
            SInt first = level.get(i);
            SInt both = line.next(i + 1 < level.size() ? first.plus(level.get(i + 1)) : first);
            added.add(both);
            next.add(both);
        }
        return next;
    }
}
