package tilewright.hw.unit.memory;

import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.axi.Axi4;
import tilewright.hw.lang.stream.Last;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.lang.stream.StreamFifo;

/**
 * Reads memory over AXI4: the words of each transfer in order, the last of them marked. Bursts are asked for ahead, as many
 * as may be under way, also across transfers.
 *
 * <p>Timing: a word per clock when memory gives one; the first burst's address comes one clock after its transfer, words
 * pass straight from the port. Resources: about 130 LUT and 140 FF at 32 bits of address, none per bit of data; at most 4
 * levels of logic and a carry chain.
 */
public final class ReadDma extends Component {
    /** What to read. */
    public final Stream<Transfer> transfers;
    /** What was read. */
    public final Stream<Last<Bits>> words;
    /** Whether memory has answered with an error since the reset. */
    public final Bool failed = out(bool());
    /** The port; its write channels rest. */
    public final Axi4 memory;

    private final BurstSplitter splitter;
    private final StreamFifo<Bool> ends;
    private final Bool error = reg(bool(), 0);

    /** An engine. */
    public ReadDma(DmaShape shape) {
        transfers = in(Stream.of(Transfer.of(shape.addressBits())));
        words = out(Stream.of(Last.of(bits(shape.dataBits()))));
        memory = out(shape.port());
        splitter = child(() -> new BurstSplitter(shape));
        // Of each burst under way, whether its transfer ends with it.
        ends = child(() -> new StreamFifo<>(bool(), shape.outstanding()));

        splitter.transfers.assign(transfers);
        Bool room = ends.input.ready;
        memory.arvalid.assign(splitter.bursts.valid.and(room));
        splitter.bursts.ready.assign(memory.arready.and(room));
        ends.input.valid.assign(splitter.bursts.valid.and(memory.arready));
        ends.input.payload.assign(splitter.bursts.payload.last);
        memory.araddr.assign(splitter.bursts.payload.address);
        memory.arlen.assign(splitter.bursts.payload.length);
        memory.arsize.assign(Integer.numberOfTrailingZeros(shape.bytes()));
        memory.arburst.assign(Axi4.BURST_INCREASING);

        words.valid.assign(memory.rvalid);
        memory.rready.assign(words.ready);
        words.payload.value.assign(memory.rdata);
        words.payload.last.assign(memory.rlast.and(ends.output.payload));
        Bool passes = wire(memory.rvalid.and(words.ready)).named("passes");
        ends.output.ready.assign(passes.and(memory.rlast));
        when(passes.and(memory.rresp.ne(Axi4.RESPONSE_OKAY)), () -> error.assign(true));
        failed.assign(error);
        Idle.writes(memory);
        assertThat(memory.rvalid.not().or(ends.output.valid), "memory gives a word that was not asked for");
    }
}
