package tilewright.hw.unit.pipeline;

import static tilewright.hw.lang.Hdl.assign;
import static tilewright.hw.lang.Hdl.typeOf;
import static tilewright.hw.lang.Hdl.wire;

import tilewright.hw.lang.Data;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Pair;
import tilewright.hw.lang.stream.Stream;

/** Streams whose packets are the rows of a matrix. */
public final class Rows {
    private Rows() {}

    /** Each word of a row with the one word of the other stream that belongs to the whole row; latency 0. */
    public static <A extends Data, B extends Data> Stream<Last<Pair<A, B>>> each(
            Stream<Last<A>> words, Stream<B> rows) {
        Stream<Last<Pair<A, B>>> result = wire(Stream.of(Last.of(Pair.of(typeOf(words.payload.value), rows.word()))));
        result.valid.assign(words.valid.and(rows.valid));
        result.payload.last.assign(words.payload.last);
        assign(result.payload.value.first, words.payload.value);
        assign(result.payload.value.second, rows.payload);
        words.ready.assign(result.ready.and(rows.valid));
        rows.ready.assign(result.ready.and(words.valid).and(words.payload.last));
        return result;
    }
}
