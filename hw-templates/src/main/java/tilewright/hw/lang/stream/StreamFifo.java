package tilewright.hw.lang.stream;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.InvalidDesignException;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;

/**
 * A queue. Up to {@value #LOOKUP_TABLE_DEPTH} words it lies in lookup tables and has a latency of 1; deeper ones lie in
 * block memory with a latency of 2. It takes and gives a word at every clock.
 */
public final class StreamFifo<T extends Data> extends Component {
    /** The greatest depth that is not put into block memory. */
    public static final int LOOKUP_TABLE_DEPTH = 64;

    /** Words in. */
    public final Stream<T> input;
    /** Words out, in the same order. */
    public final Stream<T> output;
    /** How many words it holds. */
    public final UInt count;

    private final Mem<T> words;
    private final UInt writeIndex;
    private final UInt readIndex;
    private final UInt held;
    private final Bool room = reg(bool(), 1);

    /**
     * A queue of {@code depth} words.
     *
     * @throws InvalidDesignException for a depth below 1
     */
    public StreamFifo(Type<T> word, int depth) {
        input = in(Stream.of(word));
        output = out(Stream.of(word));
        count = out(uint(bitsFor(depth)));
        words = mem(depth, word);
        writeIndex = reg(uint(indexWidth(depth)), 0);
        readIndex = reg(uint(indexWidth(depth)), 0);
        held = reg(uint(bitsFor(depth)), 0);

        Bool push = input.fires().named("push");
        Bool pop = output.fires().named("pop");
        // Flags of their own: no path from or to a neighbour goes through a comparison of the count.
        input.ready.assign(room);
        words.write(writeIndex, input.payload, push);
        when(push, () -> writeIndex.assign(following(writeIndex, depth)));
        UInt nextRead = mux(pop, following(readIndex, depth), readIndex).named("nextRead");
        readIndex.assign(nextRead);
        when(push.and(pop.not()), () -> {
                    held.assign(held.plusMod(1));
                    room.assign(held.ne(depth - 1));
                })
                .elseWhen(pop.and(push.not()), () -> {
                    held.assign(held.minusMod(1));
                    room.assign(true);
                });
        count.assign(held);
        if (depth <= LOOKUP_TABLE_DEPTH) {
            Bool filled = reg(bool(), 0).named("filled");
            when(push.and(pop.not()), () -> filled.assign(true))
                    .elseWhen(pop.and(push.not()), () -> filled.assign(held.ne(1)));
            output.valid.assign(filled);
            assign(output.payload, words.readAsync(readIndex));
        } else {
            // The memory shows at the next clock what was in it before this one: a word pushed now is not counted.
            Bool readable = reg(bool(), 0).named("readable");
            readable.assign(mux(pop, held.gt(1), held.ne(0)));
            output.valid.assign(readable);
            assign(output.payload, words.read(nextRead));
        }
    }

    private static UInt following(UInt index, int depth) {
        boolean wraps = Integer.bitCount(depth) == 1 && depth > 1;
        return wraps ? index.plusMod(1) : mux(index.eq(depth - 1), u(0, index.width()), index.plusMod(1));
    }
}
