package tilewright.hw.lang.stream;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;

/** Gathers words into vectors. A vector is offered one clock after its last word came; a word passes at every clock. */
public final class StreamWidener<T extends Data> extends Component {
    /** Words in. */
    public final Stream<T> input;
    /** Vectors out, the first word in element 0. */
    public final Stream<Vec<T>> output;

    private final Vec<T> words;
    private final UInt index;
    private final Bool full;

    /** Vectors of {@code count} words. */
    public StreamWidener(Type<T> word, int count) {
        input = in(Stream.of(word));
        output = out(Stream.of(vec(count, word)));
        words = reg(vec(count, word));
        index = reg(uint(indexWidth(count)), 0);
        full = reg(bool(), 0);

        Bool takes = full.not().or(output.ready);
        input.ready.assign(takes);
        output.valid.assign(full);
        output.payload.assign(words);
        Bool isLast = index.eq(count - 1);
        when(takes, () -> full.assign(input.valid.and(isLast)));
        when(input.fires(), () -> {
            index.assign(mux(isLast, u(0, index.width()), index.plusMod(1)));
            words.set(index, input.payload);
        });
    }
}
