package tilewright.compiler.plan;

import tilewright.boards.Board;
import tilewright.boards.Family;
import tilewright.boards.RamBlocks;
import tilewright.hw.hls.DesignParameters.Storage;

/**
 * Counts the memory blocks of a board that a buffer occupies.
 *
 * <p>Every bank is a memory of its own and occupies whole units, the smallest being half a block of 36 Kbit on AMD
 * devices, so that wide and shallow buffers are counted as what they cost.
 */
final class OnChipMemory {
    private static final double BRAM36_BITS = 36 * 1024;
    private static final int HALF_BLOCK_BITS = 18 * 1024;
    private static final int HALF_BLOCK_WIDTH = 36;
    private static final int SMALL_BLOCK_WIDTH = 16;
    private static final int URAM_WIDTH = 72;
    private static final int URAM_DEPTH = 4096;

    private final Board board;
    private final int unitBits;
    private final int unitWidth;

    OnChipMemory(Board board) {
        this.board = board;
        RamBlocks blocks = board.resources().blockRam();
        boolean halves = blocks.bitsPerBlock() == 0 || blocks.bitsPerBlock() % HALF_BLOCK_BITS == 0;
        unitBits = halves ? HALF_BLOCK_BITS : blocks.bitsPerBlock();
        unitWidth = halves ? HALF_BLOCK_WIDTH : SMALL_BLOCK_WIDTH;
    }

    /** Whether the board has large blocks that a dual-port buffer can use. */
    static boolean hasUram(Board board) {
        return board.resources().uram() > 0 && isAmd(board);
    }

    /** Places a buffer in LUTs if it is shallow, else in block RAM. */
    BufferPlacement place(String name, int banks, int widthBits, int depth) {
        boolean shallow = depth <= Coefficients.LUTRAM_DEPTH;
        return place(name, shallow ? Storage.LUTRAM : Storage.BRAM, banks, widthBits, depth);
    }

    /** Places a table that is read at two addresses in a cycle: both ports, and so half the width, of block RAM. */
    BufferPlacement placeTwoReads(String name, int banks, int widthBits, int depth) {
        BufferPlacement half = place(name, Storage.BRAM, 2 * banks, (widthBits + 1) / 2, depth);
        return new BufferPlacement(
                name, Storage.BRAM, banks, widthBits, depth, (long) banks * widthBits * depth, half.bram36(), 0, 0);
    }

    /** Places a buffer in a storage. */
    BufferPlacement place(String name, Storage storage, int banks, int widthBits, int depth) {
        long bits = (long) banks * widthBits * depth;
        return switch (storage) {
            case LUTRAM ->
                new BufferPlacement(
                        name, storage, banks, widthBits, depth, bits, 0, 0, banks * lutramLuts(widthBits, depth));
            case BRAM ->
                new BufferPlacement(
                        name, storage, banks, widthBits, depth, bits, banks * bram36(widthBits, depth), 0, 0);
            case URAM ->
                new BufferPlacement(name, storage, banks, widthBits, depth, bits, 0, banks * uram(widthBits, depth), 0);
        };
    }

    /** Block RAM of one bank in blocks of 36 Kbit, with the best aspect ratio. */
    double bram36(int widthBits, int depth) {
        long best = Long.MAX_VALUE;
        // Each halving of the width doubles the depth; parity bits (the ninth of a byte) end at a width of 9.
        int width = unitWidth;
        int words = unitBits / unitWidth;
        while (width >= (unitWidth == HALF_BLOCK_WIDTH ? 1 : 2)) {
            best = Math.min(best, (long) ceil(widthBits, width) * ceil(depth, words));
            width = width == 9 ? 4 : width / 2;
            words *= 2;
        }
        return best * unitBits / BRAM36_BITS;
    }

    private static int uram(int widthBits, int depth) {
        return ceil(widthBits, URAM_WIDTH) * ceil(depth, URAM_DEPTH);
    }

    /** LUTs of one bank with one write and one read port. */
    private double lutramLuts(int widthBits, int depth) {
        return switch (board.family()) {
            // RAM32M16: 14 bits in 8 LUTs; RAM64M8: 7 bits in 8 LUTs (UG574); deeper: a multiplexer per bit.
            case ULTRASCALE_PLUS, VERSAL -> lutram(widthBits, depth, 14, 8);
            // RAM32M: 6 bits in 4 LUTs; RAM64M: 3 bits in 4 LUTs (UG474).
            case SERIES_7 -> lutram(widthBits, depth, 6, 4);
            // TRELLIS_DPR16X4: 4 bits of 16 words in 4 LUTs and the two that drive its write port (FPGA-TN-02204).
            case ECP5 -> 6.0 * ceil(widthBits, 4) * ceil(depth, 16) + selectors(widthBits, ceil(depth, 16));
            // iCE40 has none: flip-flops, one cell per bit, and selectors.
            default -> (double) widthBits * depth + selectors(widthBits, depth);
        };
    }

    private static double lutram(int widthBits, int depth, int bitsOf32, int luts) {
        return depth <= 32
                ? (double) luts * ceil(widthBits, bitsOf32)
                : (double) luts * ceil(widthBits, bitsOf32 / 2) * ceil(depth, 64)
                        + selectors(widthBits, ceil(depth, 64));
    }

    /** LUTs that select one of several words: a 4:1 selector of one bit takes one 6-input LUT. */
    private static double selectors(int widthBits, int words) {
        return widthBits * Math.ceil((words - 1) / 3.0);
    }

    private static boolean isAmd(Board board) {
        return board.family() != Family.ECP5 && board.family() != Family.ICE40;
    }

    private static int ceil(int value, int divisor) {
        return (value + divisor - 1) / divisor;
    }
}
