package tilewright.hw.lang.stream;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.ClockDomain;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Crossing;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.InvalidDesignException;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;

/**
 * A queue from one clock into another. Its indices cross in Gray code through two registers; both resets must be active
 * together. A word appears three of the reader's clocks after it came, at the latest; one can
 * pass at every clock where the depth covers the way there and back, 8 words.
 *
 * <p>After Clifford Cummings, Simulation and Synthesis Techniques for Asynchronous FIFO Design, SNUG 2002, style 1.
 */
public final class ClockCrossingFifo<T extends Data> extends Component {
    /** Words in, of the writing clock. */
    public final Stream<T> input;
    /** Words out, of the reading clock. */
    public final Stream<T> output;

    private final UInt writeCount;
    private final UInt readCount;
    private final UInt writeGray;
    private final UInt readGray;
    private final Mem<T> words;

    /**
     * A queue of {@code depth} words.
     *
     * @param depth a power of two, at least 2
     * @throws InvalidDesignException for any other depth
     */
    public ClockCrossingFifo(Type<T> word, int depth, ClockDomain writer, ClockDomain reader) {
        if (depth < 2 || Integer.bitCount(depth) != 1) {
            refuse("a crossing FIFO of " + depth + " words; the depth must be a power of two, at least 2");
        }
        int index = indexWidth(Math.max(2, depth));
        input = clockedBy(writer, () -> in(Stream.of(word)));
        output = clockedBy(reader, () -> out(Stream.of(word)));
        words = mem(Math.max(2, 1 << index), word);
        writeCount = clockedBy(writer, () -> reg(uint(index + 1), 0));
        writeGray = clockedBy(writer, () -> reg(uint(index + 1), 0));
        readCount = clockedBy(reader, () -> reg(uint(index + 1), 0));
        readGray = clockedBy(reader, () -> reg(uint(index + 1), 0));

        clockedBy(writer, () -> {
            UInt readSeen = Crossing.synchroniseGray(readGray);
            // Full: as many words ahead as there are; in Gray code the two highest bits differ, the others agree.
            UInt opposite = readSeen.high(2).not();
            UInt whenFull = index == 1
                    ? opposite
                    : cat(opposite, readSeen.low(index - 1)).asUInt();
            input.ready.assign(writeGray.ne(whenFull));
            Bool push = input.fires();
            UInt next = writeCount.plusMod(push.asUInt()).named("writeNext");
            writeCount.assign(next);
            writeGray.assign(gray(next));
            words.write(writeCount.low(index), input.payload, push);
        });
        clockedBy(reader, () -> {
            UInt writeSeen = Crossing.synchroniseGray(writeGray);
            Bool readable = reg(bool(), 0).named("readable");
            Bool pop = output.fires();
            UInt next = readCount.plusMod(pop.asUInt()).named("readNext");
            readCount.assign(next);
            readGray.assign(gray(next));
            readable.assign(writeSeen.ne(gray(next)));
            output.valid.assign(readable);
            assign(output.payload, words.read(next.low(index)));
        });
    }

    private static UInt gray(UInt count) {
        return count.xor(count.shr(1).extend(count.width()));
    }
}
