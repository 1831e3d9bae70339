package tilewright.boards;

/**
 * On-chip memory blocks of one size.
 *
 * @param blocks how many there are; 0: the device has none
 * @param bitsPerBlock bits of one block, parity bits counted (36 864 for an AMD block RAM); 0 with no blocks
 */
public record RamBlocks(int blocks, int bitsPerBlock) {
    /** No blocks. */
    public static final RamBlocks NONE = new RamBlocks(0, 0);

    /** Bits of all blocks together. */
    public long bits() {
        return (long) blocks * bitsPerBlock;
    }
}
