package tilewright.hw.unit.memory;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.arith.WeightGroup;
import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;
import tilewright.hw.lang.stream.Stream;

/**
 * Rows of int8 weights from blocks of {@link WeightLayout}, by {@link WeightGroup#apply}; each job says how many blocks
 * follow and the width of their codes.
 *
 * <p>Timing: a row per clock as long as memory gives, for each {@code rowsPerWord} rows, as many words as the codes have
 * bits, and the block's header: words are taken at every clock, into one set of registers while rows leave from the other.
 * From the last word of some rows to the first of these rows: 7 clocks. Resources: 16 FF
 * per bit of a memory word and 48 per lane; a multiplexer of {@code rowsPerWord} inputs for each of a lane's 8 bits; and
 * per lane a multiplier of 8 x 16 bits, about 45 LUT and 90 FF. At most 4 levels of logic.
 */
public final class WeightDecompressor extends Component {
    private static final int BLOCK_COUNT_BITS = 24;

    /** Blocks to be decompressed. */
    public static final class Job extends Bundle {
        /** Bits of a code, 1 to 8. */
        public final UInt bits = field(uint(4));
        /** How many blocks, at least 1. */
        public final UInt blocks = field(uint(BLOCK_COUNT_BITS));

        private Job() {}

        /** The type of jobs. */
        public static Type<Job> of() {
            return Job::new;
        }
    }

    /** A row of codes, each with what makes a weight of it. */
    static final class CodedRow extends Bundle {
        final Vec<UInt> code;
        final Vec<UInt> scale;
        final Vec<SInt> minimum;

        CodedRow(int lanes) {
            code = field(vec(lanes, uint(WeightLayout.MOST_BITS)));
            scale = field(vec(lanes, uint(16)));
            minimum = field(vec(lanes, sint(8)));
        }
    }

    /** Jobs, one behind the other. */
    public final Stream<Job> jobs = in(Stream.of(Job.of()));
    /** Words of memory. */
    public final Stream<Bits> words;
    /** Rows of weights. */
    public final Stream<Vec<SInt>> weights;

    private final WeightLayout layout;
    private final Bool working = reg(bool(), 0);
    private final UInt bits = reg(uint(3));
    private final UInt blocks = reg(uint(BLOCK_COUNT_BITS));
    private final Bool inHeader = reg(bool());
    private final UInt word;
    private final UInt step;
    private final Bool complete = reg(bool(), 0);
    private final List<Bits> header = new ArrayList<>();
    private final List<Bits> plane = new ArrayList<>();
    private final Bits shownHeader;
    private final List<Bits> shownPlane = new ArrayList<>();
    private final Bits shownMask = reg(bits(WeightLayout.MOST_BITS));
    private final Bool showing = reg(bool(), 0);
    private final UInt row;
    private final ScaledRow scaled;

    /** A decompressor. */
    public WeightDecompressor(WeightLayout layout) {
        this.layout = layout;
        words = in(Stream.of(bits(layout.wordBits())));
        weights = out(Stream.of(vec(layout.lanes(), sint(8))));
        int steps = layout.groupRows() / layout.rowsPerWord();
        word = reg(uint(Math.max(3, indexWidth(layout.headerWords()))));
        step = reg(uint(indexWidth(steps)));
        row = reg(uint(indexWidth(layout.rowsPerWord())), 0);
        shownHeader = reg(bits(layout.headerWords() * layout.wordBits()));
        scaled = child(() -> new ScaledRow(layout.lanes()));

        Bool leaves =
                wire(scaled.input.fires().and(row.eq(layout.rowsPerWord() - 1))).named("leaves");
        Bool shows = wire(complete.and(showing.not().or(leaves))).named("shows");
        Bool free = wire(complete.not().or(shows)).named("free");
        collect(free, shows, steps);
        show(shows, leaves);
        weights.assign(scaled.output);
    }

    /** Takes words: a header into its registers, the words of a few rows into theirs. */
    private void collect(Bool free, Bool shows, int steps) {
        jobs.ready.assign(working.not().and(free));
        when(jobs.fires(), () -> {
            working.assign(true);
            bits.assign(jobs.payload.bits.minusMod(1).low(3));
            blocks.assign(jobs.payload.blocks.minusMod(1));
            inHeader.assign(true);
            word.assign(0);
            step.assign(0);
        });
        when(shows, () -> complete.assign(false));
        words.ready.assign(working.and(free));
        when(words.fires(), () -> {
            word.assign(word.plusMod(1));
            when(
                            inHeader,
                            () -> when(word.eq(layout.headerWords() - 1), () -> {
                                inHeader.assign(false);
                                word.assign(0);
                            }))
                    .otherwise(() -> when(word.eq(bits), () -> {
                        complete.assign(true);
                        word.assign(0);
                        step.assign(step.plusMod(1));
                        when(step.eq(steps - 1), () -> {
                            step.assign(0);
                            inHeader.assign(true);
                            blocks.assign(blocks.minusMod(1));
                            working.assign(blocks.ne(0));
                        });
                    }));
        });
        for (int i = 0; i < layout.headerWords(); i++) {
            header.add(regWhen(words.payload, words.fires().and(inHeader).and(word.eq(i)))
                    .named("header_" + i));
        }
        for (int i = 0; i < WeightLayout.MOST_BITS; i++) {
            plane.add(regWhen(words.payload, words.fires().and(inHeader.not()).and(word.eq(i)))
                    .named("plane_" + i));
        }
    }

    /** Shows complete registers row by row. */
    private void show(Bool shows, Bool leaves) {
        when(scaled.input.fires(), () -> row.assign(row.plusMod(1)));
        when(shows, () -> showing.assign(true)).elseWhen(leaves, () -> showing.assign(false));
        scaled.input.valid.assign(showing);
        List<Bool> mask = new ArrayList<>();
        for (int i = 0; i < WeightLayout.MOST_BITS; i++) {
            mask.add(bits.ge(i));
        }
        when(shows, () -> {
            shownHeader.assign(cat(header.reversed()));
            shownMask.assign(cat(mask.reversed()));
        });
        List<Bits> rowBits = new ArrayList<>();
        for (int i = 0; i < WeightLayout.MOST_BITS; i++) {
            Bits shown = regWhen(plane.get(i), shows).named("shownPlane_" + i);
            shownPlane.add(shown);
            Vec<Bits> rows = Vec.tabulate(
                    layout.rowsPerWord(), r -> shown.slice((r + 1) * layout.lanes() - 1, r * layout.lanes()));
            rowBits.add(wire(rows.get(row)).named("rowBits_" + i));
        }
        for (int lane = 0; lane < layout.lanes(); lane++) {
            List<Bits> code = new ArrayList<>();
            for (int i = WeightLayout.MOST_BITS - 1; i >= 0; i--) {
                code.add(rowBits.get(i).slice(lane, lane).and(shownMask.slice(i, i)));
            }
            int low = lane * WeightLayout.HEADER_BITS;
            scaled.input.payload.code.get(lane).assign(cat(code).asUInt());
            scaled.input
                    .payload
                    .scale
                    .get(lane)
                    .assign(shownHeader.slice(low + 15, low).asUInt());
            scaled.input
                    .payload
                    .minimum
                    .get(lane)
                    .assign(shownHeader.slice(low + 23, low + 16).asSInt());
        }
    }
}
