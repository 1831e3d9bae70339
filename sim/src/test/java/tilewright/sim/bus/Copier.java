package tilewright.sim.bus;

import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.axi.Axi4;
import tilewright.hw.lang.stream.Stream;
import tilewright.hw.lang.stream.StreamFifo;

/**
 * Copies runs of memory to memory, one command after the other, and gives a command's tag once all of its words are
 * written. Up to {@value #BUFFERED} words are on their way: a burst is asked for when there is room for all of it.
 */
final class Copier extends Component {
    static final int BUFFERED = 64;
    private static final int READ_ID = 1;
    private static final int WRITE_ID = 2;

    /** What to copy; the areas must not overlap. */
    static final class Copy extends Bundle {
        final UInt source = field(uint(32));
        final UInt destination = field(uint(32));
        final UInt words = field(uint(16));
        final UInt tag = field(uint(8));
    }

    final Stream<Copy> commands = in(Stream.of(Copy::new));
    final Stream<UInt> finished = out(Stream.of(uint(8)));
    final Axi4 memory = out(Axi4.of(32, 64, 4));

    private final Bursts reads = child(() -> new Bursts(memory.shape(), READ_ID));
    private final Bursts writes = child(() -> new Bursts(memory.shape(), WRITE_ID));
    private final StreamFifo<Bits> buffer = child(() -> new StreamFifo<>(bits(64), BUFFERED));
    private final Bool busy = reg(bool(), 0);
    private final UInt tag = reg(uint(8));
    private final UInt reserved = reg(uint(7), 0);
    private final UInt unconfirmed = reg(uint(16), 0);
    private final UInt beat = reg(uint(8), 0);

    Copier() {
        Bool starts = commands.fires().named("starts");
        commands.ready.assign(busy.not());
        begin(reads, starts, commands.payload.source);
        begin(writes, starts, commands.payload.destination);
        finished.valid.assign(busy.and(writes.idle).and(unconfirmed.eq(0)));
        finished.payload.assign(tag);
        when(starts, () -> {
                    busy.assign(true);
                    tag.assign(commands.payload.tag);
                })
                .elseWhen(finished.fires(), () -> busy.assign(false));
        read();
        write();
    }

    private void begin(Bursts bursts, Bool starts, UInt address) {
        bursts.runs.valid.assign(starts);
        bursts.runs.payload.address.assign(address);
        bursts.runs.payload.words.assign(commands.payload.words);
        assertThat(starts.not().or(bursts.runs.ready), "a command starts before the last one's bursts are asked for");
    }

    private void read() {
        // Room is only ever gained while a burst waits, so an offered address stays offered.
        Bool hasRoom = reserved.le(BUFFERED - Bursts.LONGEST).named("hasRoom");
        memory.arvalid.assign(reads.bursts.valid.and(hasRoom));
        reads.bursts.ready.assign(memory.arready.and(hasRoom));
        assign(memory.ar().payload, reads.bursts.payload);
        assertThat(memory.r().fires().not().or(memory.rresp.eq(Axi4.RESPONSE_OKAY)), "a read failed");
        assertThat(memory.r().fires().not().or(memory.rid.eq(READ_ID)), "a word of another's read");
        buffer.input.assign(memory.r().map(word -> word.data));

        UInt asked = mux(memory.ar().fires(), memory.arlen.low(5).plusMod(1), u(0, 5));
        UInt given = buffer.output.fires().asUInt();
        reserved.assign(reserved.plusMod(asked.extend(7)).minusMod(given.extend(7)));
    }

    private void write() {
        var asked = writes.bursts.fork(2);
        memory.aw().assign(asked.get(0));
        Stream<UInt> lengths = asked.get(1).map(burst -> burst.len).fifo(4);
        Bool last = beat.eq(lengths.payload).named("lastBeat");
        memory.wvalid.assign(buffer.output.valid.and(lengths.valid));
        memory.wdata.assign(buffer.output.payload);
        memory.wstrb.assign(b(255, 8));
        memory.wlast.assign(last);
        buffer.output.ready.assign(memory.wready.and(lengths.valid));
        lengths.ready.assign(memory.wready.and(buffer.output.valid).and(last));
        when(memory.w().fires(), () -> beat.assign(mux(last, u(0, 8), beat.plusMod(1))));

        memory.bready.assign(true);
        assertThat(memory.b().fires().not().or(memory.bresp.eq(Axi4.RESPONSE_OKAY)), "a write failed");
        assertThat(memory.b().fires().not().or(memory.bid.eq(WRITE_ID)), "another's write is confirmed");
        UInt begun = writes.bursts.fires().asUInt().extend(16);
        UInt ended = memory.b().fires().asUInt().extend(16);
        unconfirmed.assign(unconfirmed.plusMod(begun).minusMod(ended));
    }
}
