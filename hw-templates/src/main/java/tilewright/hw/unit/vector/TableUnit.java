package tilewright.hw.unit.vector;

import tilewright.hw.arith.TableFunction;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Mem;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.unit.pipeline.Pipeline;

/**
 * A {@link TableFunction} of one int8 code per clock, latency 1. The table is loaded entry by entry, one per clock; a
 * code that enters after an entry finds it.
 */
public final class TableUnit extends Component {
    private static final int BITS = 8;

    /** Entries of the table. */
    public final Stream<Entry> load = in(Stream.of(Entry.TYPE));
    /** Codes. */
    public final Stream<SInt> input = in(Stream.of(sint(BITS)));
    /** What the table says of them. */
    public final Stream<SInt> output = out(Stream.of(sint(BITS)));

    private final Mem<SInt> values = mem(1 << BITS, sint(BITS));
    private final Pipeline line = Pipeline.into(output);

    /** What the function makes of a code. */
    public static final class Entry extends Bundle {
        static final Type<Entry> TYPE = Entry::new;

        /** The code. */
        public final SInt code = field(sint(BITS));
        /** The function's value. */
        public final SInt value = field(sint(BITS));

        private Entry() {}
    }

    /** A table of zeros. */
    public TableUnit() {
        load.ready.assign(true);
        values.write(load.payload.code.asUInt(), load.payload.value, load.valid);
        output.payload.assign(values.read(input.payload.asUInt(), line.moves()));
        output.valid.assign(line.from(input, 1));
    }
}
