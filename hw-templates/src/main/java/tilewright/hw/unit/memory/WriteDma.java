package tilewright.hw.unit.memory;

import java.math.BigInteger;
import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.axi.Axi4;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.lang.stream.StreamFifo;

/**
 * Writes memory over AXI4: as many words as each transfer has, in order, and says when each transfer is done. Bursts are
 * announced ahead, as many as may be under way, also across transfers.
 *
 * <p>Timing: a word per clock, across bursts and transfers, when memory takes one; a burst's first word can pass one clock
 * after its address. Resources: about 170 LUT and 150 FF at 32 bits of address, none per bit of data; at most 4 levels of
 * logic and a carry chain.
 */
public final class WriteDma extends Component {
    /** Where to write. */
    public final Stream<Transfer> transfers;
    /** What to write. */
    public final Stream<Bits> words;
    /** One word for each transfer that memory has confirmed: whether all of its bursts went well. */
    public final Stream<Bool> done;
    /** The port; its read channels rest. */
    public final Axi4 memory;

    private final BurstSplitter splitter;
    private final StreamFifo<UInt> lengths;
    private final StreamFifo<Bool> ends;
    private final UInt index = reg(uint(8), 0);
    private final Bool error = reg(bool(), 0);

    /** An engine. */
    public WriteDma(DmaShape shape) {
        transfers = in(Stream.of(Transfer.of(shape.addressBits())));
        words = in(Stream.of(bits(shape.dataBits())));
        done = out(Stream.of(bool()));
        memory = out(shape.port());
        splitter = child(() -> new BurstSplitter(shape));
        // Of each burst under way: its words, until they are written, and whether its transfer ends, until it is
        // confirmed.
        lengths = child(() -> new StreamFifo<>(uint(8), shape.outstanding()));
        ends = child(() -> new StreamFifo<>(bool(), shape.outstanding()));

        splitter.transfers.assign(transfers);
        // Bursts leave the first queue before the second: where the second has room, so has the first.
        Bool room = ends.input.ready;
        Bool announced = wire(splitter.bursts.valid.and(memory.awready)).named("announced");
        memory.awvalid.assign(splitter.bursts.valid.and(room));
        splitter.bursts.ready.assign(memory.awready.and(room));
        ends.input.valid.assign(announced);
        ends.input.payload.assign(splitter.bursts.payload.last);
        lengths.input.valid.assign(announced.and(room));
        lengths.input.payload.assign(splitter.bursts.payload.length);
        memory.awaddr.assign(splitter.bursts.payload.address);
        memory.awlen.assign(splitter.bursts.payload.length);
        memory.awsize.assign(Integer.numberOfTrailingZeros(shape.bytes()));
        memory.awburst.assign(Axi4.BURST_INCREASING);

        Bool ending = wire(index.eq(lengths.output.payload)).named("ending");
        Bool passes =
                wire(words.valid.and(memory.wready).and(lengths.output.valid)).named("passes");
        memory.wvalid.assign(words.valid.and(lengths.output.valid));
        words.ready.assign(memory.wready.and(lengths.output.valid));
        lengths.output.ready.assign(passes.and(ending));
        memory.wdata.assign(words.payload);
        memory.wstrb.assign(b(BigInteger.ONE.shiftLeft(shape.bytes()).subtract(BigInteger.ONE), shape.bytes()));
        memory.wlast.assign(ending);
        when(passes, () -> index.assign(mux(ending, u(0, 8), index.plusMod(1))));

        Bool wrong = memory.bresp.ne(Axi4.RESPONSE_OKAY).or(error);
        Bool confirmed = wire(memory.bvalid.and(memory.bready)).named("confirmed");
        done.valid.assign(memory.bvalid.and(ends.output.payload));
        done.payload.assign(wrong.not());
        memory.bready.assign(done.ready.or(ends.output.payload.not()));
        ends.output.ready.assign(confirmed);
        when(confirmed, () -> error.assign(wrong.and(ends.output.payload.not())));
        Idle.reads(memory);
        assertThat(memory.bvalid.not().or(ends.output.valid), "memory confirms a burst that was not announced");
    }
}
