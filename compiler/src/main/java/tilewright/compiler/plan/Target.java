package tilewright.compiler.plan;

import tilewright.boards.AxiPorts;
import tilewright.boards.Board;
import tilewright.boards.Family;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.program.IntegerFormat;

/**
 * A board as one design sees it: rates of its memory in bytes per cycle, costs of its multipliers and LUTs.
 *
 * <p>Every AXI bundle of the design gets at most one port's width; all of them share the memory's rate.
 */
final class Target {
    private final Board board;
    private final MemoryTiming timing;
    private final OnChipMemory memory;
    private final double portBytesPerCycle;
    private final double bytesPerCycle;

    Target(Board board, MemoryTiming timing) {
        this.board = board;
        this.timing = timing;
        memory = new OnChipMemory(board);
        portBytesPerCycle = board.axi().stream().mapToInt(AxiPorts::bits).max().orElse(Coefficients.AXI_MAX_BITS)
                / (double) Byte.SIZE;
        bytesPerCycle = timing.efficiency() * board.readBytesPerCycle();
    }

    /** Cycles that moving some bytes takes when nothing but the memory limits it; infinite without a memory. */
    double memoryCycles(double bytes) {
        return bytes / bytesPerCycle;
    }

    /** Cycles that one port needs for one word: one, or more if the word is wider than the port. */
    double wordCycles(double wordBytes) {
        return Math.max(1, wordBytes / portBytesPerCycle);
    }

    /** Cycles before the first word of a burst. */
    int latency() {
        return timing.latencyCycles();
    }

    /** DSP blocks of a product of signed numbers. */
    int dsp(int a, int b) {
        return Multipliers.dsp(board.resources().dspKind(), a, b);
    }

    /** LUTs of this board for logic that takes a number of 6-input LUTs. */
    double lut(double sixInputLuts) {
        boolean small = board.family() == Family.ECP5 || board.family() == Family.ICE40;
        return small ? sixInputLuts * Coefficients.FOUR_INPUT_LUTS : sixInputLuts;
    }

    /** The on-chip memories. */
    OnChipMemory memory() {
        return memory;
    }

    /** DSP blocks of one requantiser. */
    int requantiserDsp(IntegerFormat format) {
        return dsp(format.accumulatorBits(), 32);
    }

    /** 6-input LUTs of one requantiser. */
    static double requantiserLut(IntegerFormat format) {
        return format.activationBits() == 8 ? Coefficients.REQUANTISER_LUT_8 : Coefficients.REQUANTISER_LUT_16;
    }

    /** LUTs of a number of multiply-accumulates beside their DSP blocks. */
    static double macLut(IntegerFormat format, int macs) {
        return macs * Coefficients.LUT_PER_MAC_8 * width(format);
    }

    /** Flip-flops of a number of multiply-accumulates. */
    static double macFf(IntegerFormat format, int macs) {
        return macs * Coefficients.FF_PER_MAC_8 * width(format);
    }

    private static double width(IntegerFormat format) {
        return format.activationBits() == 8 ? 1 : Coefficients.MAC_16_OVER_8;
    }

    /** Bytes of a memory word of a row's elements. */
    static double wordBytes(RowShape row, DesignParameters parameters) {
        return (double) parameters.lanes() * row.memoryBits() / Byte.SIZE;
    }
}
