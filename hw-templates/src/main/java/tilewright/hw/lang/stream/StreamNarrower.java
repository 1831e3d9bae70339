package tilewright.hw.lang.stream;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;

/** Passes the elements of vectors one by one, one at every clock. A vector is taken with its last element. Latency 0. */
public final class StreamNarrower<T extends Data> extends Component {
    /** Vectors in. */
    public final Stream<Vec<T>> input;
    /** Their elements, element 0 first. */
    public final Stream<T> output;

    private final UInt index;

    /** Vectors of {@code count} elements. */
    public StreamNarrower(Type<T> word, int count) {
        input = in(Stream.of(vec(count, word)));
        output = out(Stream.of(word));
        index = reg(uint(indexWidth(count)), 0);

        Bool isLast = index.eq(count - 1);
        output.valid.assign(input.valid);
        assign(output.payload, input.payload.get(index));
        input.ready.assign(output.ready.and(isLast));
        when(output.fires(), () -> index.assign(mux(isLast, u(0, index.width()), index.plusMod(1))));
    }
}
