package tilewright.boards;

/**
 * What the fabric of an FPGA holds: whole device, nothing taken off for a shell or a controller.
 *
 * @param lut look-up tables (6 inputs for AMD, 4 inputs for Lattice)
 * @param ff flip-flops
 * @param dsp hard multiplier blocks
 * @param dspKind their kind; {@link DspKind#NONE} with none
 * @param blockRam the small memory blocks: AMD block RAM (36 Kbit), Lattice EBR
 * @param largeRam the large memory blocks: AMD UltraRAM (288 Kbit), Lattice SPRAM (256 Kbit)
 */
public record Resources(int lut, int ff, int dsp, DspKind dspKind, RamBlocks blockRam, RamBlocks largeRam) {
    /** The fabric of a board that is no FPGA. */
    public static final Resources NONE = new Resources(0, 0, 0, DspKind.NONE, RamBlocks.NONE, RamBlocks.NONE);

    private static final int BRAM36_BITS = 36 * 1024;
    private static final int URAM_BITS = 288 * 1024;

    /** Block RAM counted in whole blocks of 36 Kbit, AMD's unit; other sizes are converted by their bits. */
    public int bram36() {
        return (int) (blockRam.bits() / BRAM36_BITS);
    }

    /** Large blocks counted in whole blocks of 288 Kbit, AMD's UltraRAM; other sizes are converted by their bits. */
    public int uram() {
        return (int) (largeRam.bits() / URAM_BITS);
    }

    /** Bits of all memory blocks; memory made of look-up tables is not counted. */
    public long onChipBits() {
        return blockRam.bits() + largeRam.bits();
    }
}
