package tilewright.hw.unit.memory;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;

/**
 * Transfers cut into bursts: each ends where the transfer does or at a multiple of the longest burst, so that none crosses
 * 4 096 bytes, which AXI forbids.
 *
 * <p>Timing: a burst per clock, the first one clock after the transfer; one clock between transfers. Resources: about two
 * LUT and two FF per bit of address and count; at most 3 levels of logic and a carry chain.
 */
final class BurstSplitter extends Component {
    /** Words that follow each other. */
    static final class Burst extends Bundle {
        final UInt address;
        /** Words, less one. */
        final UInt length;
        /** Whether the transfer ends with it. */
        final Bool last;

        private Burst(DmaShape shape) {
            address = field(uint(shape.addressBits()));
            length = field(uint(8));
            last = field(bool());
        }

        static Type<Burst> of(DmaShape shape) {
            return () -> new Burst(shape);
        }
    }

    final Stream<Transfer> transfers;
    final Stream<Burst> bursts;

    private final Bool working = reg(bool(), 0);
    private final UInt wordAddress;
    private final UInt remaining = reg(uint(Transfer.COUNT_BITS));
    private final UInt room;

    BurstSplitter(DmaShape shape) {
        transfers = in(Stream.of(Transfer.of(shape.addressBits())));
        bursts = out(Stream.of(Burst.of(shape)));
        int byteBits = Integer.numberOfTrailingZeros(shape.bytes());
        int burstBits = Integer.numberOfTrailingZeros(shape.burstWords());
        wordAddress = reg(uint(shape.addressBits() - byteBits));
        room = reg(uint(burstBits + 1));

        transfers.ready.assign(working.not());
        UInt first = transfers
                .payload
                .address
                .slice(shape.addressBits() - 1, byteBits)
                .asUInt();
        when(transfers.fires(), () -> {
            working.assign(true);
            wordAddress.assign(first);
            remaining.assign(transfers.payload.words);
            // Words to the next multiple of a burst's length.
            UInt offset = burstBits == 0 ? u(0, 1) : first.low(burstBits);
            room.assign(u(shape.burstWords(), burstBits + 1).minusMod(offset.extend(burstBits + 1)));
        });
        Bool last = remaining.le(room);
        when(bursts.fires(), () -> {
            working.assign(last.not());
            wordAddress.assign(wordAddress.plusMod(room.extend(wordAddress.width())));
            remaining.assign(remaining.minusMod(room.extend(Transfer.COUNT_BITS)));
            room.assign(shape.burstWords());
        });
        bursts.valid.assign(working);
        bursts.payload.address.assign(
                byteBits == 0 ? wordAddress : cat(wordAddress, b(0, byteBits)).asUInt());
        bursts.payload.length.assign(
                mux(last, remaining.low(burstBits + 1), room).minusMod(1).resize(8));
        bursts.payload.last.assign(last);
    }
}
