package tilewright.hw.unit.memory;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.stream.Stream;

/**
 * The transfers of blocks of a matrix: {@code rows} transfers of {@code words} words each, a stride apart.
 *
 * <p>Timing: a transfer per clock, the first one clock after its block; one clock between blocks. Resources: one LUT and
 * two FF per bit of address, and 80 FF; at most 2 levels of logic and a carry chain.
 */
public final class StridedTransfers extends Component {
    private static final int ROW_COUNT_BITS = 16;

    /** Rows of a matrix in memory. */
    public static final class Block extends Bundle {
        /** The first byte's address, a multiple of a word's bytes. */
        public final UInt address;
        /** Words of a row, at least 1. */
        public final UInt words;
        /** How many rows, at least 1. */
        public final UInt rows;
        /** Bytes from a row's first to the next one's, modulo the range of addresses. */
        public final UInt stride;

        private Block(int addressBits) {
            address = field(uint(addressBits));
            words = field(uint(Transfer.COUNT_BITS));
            rows = field(uint(ROW_COUNT_BITS));
            stride = field(uint(addressBits));
        }

        /** The type of blocks with addresses of so many bits. */
        public static Type<Block> of(int addressBits) {
            return () -> new Block(addressBits);
        }
    }

    /** Blocks. */
    public final Stream<Block> blocks;
    /** Their rows. */
    public final Stream<Transfer> transfers;

    private final Bool working = reg(bool(), 0);
    private final UInt address;
    private final UInt stride;
    private final UInt words = reg(uint(Transfer.COUNT_BITS));
    private final UInt left = reg(uint(ROW_COUNT_BITS));

    /** A generator of addresses of so many bits. */
    public StridedTransfers(int addressBits) {
        blocks = in(Stream.of(Block.of(addressBits)));
        transfers = out(Stream.of(Transfer.of(addressBits)));
        address = reg(uint(addressBits));
        stride = reg(uint(addressBits));
        blocks.ready.assign(working.not());
        when(blocks.fires(), () -> {
            working.assign(true);
            address.assign(blocks.payload.address);
            stride.assign(blocks.payload.stride);
            words.assign(blocks.payload.words);
            left.assign(blocks.payload.rows.minusMod(1));
        });
        when(transfers.fires(), () -> {
            address.assign(address.plusMod(stride));
            left.assign(left.minusMod(1));
            working.assign(left.ne(0));
        });
        transfers.valid.assign(working);
        transfers.payload.address.assign(address);
        transfers.payload.words.assign(words);
    }
}
