package tilewright.compiler.plan;

import tilewright.boards.Board;

/**
 * The least time that the board's physics allow, and how near the design comes.
 *
 * @param macCycles multiply-accumulates over the board's peak rate, packing of int8 pairs included
 * @param byteCycles bytes that must move (each weight that is used once, the image, the result) over the peak rate
 * @param cycles the larger of the two
 * @param limit "macs" or "bytes", whichever is larger
 * @param fraction share of the bound that the design reaches: bound over estimated cycles
 */
public record Bound(double macCycles, double byteCycles, double cycles, String limit, double fraction) {
    /** The bound of a task. */
    static Bound of(Board board, int bits, double macs, double bytes, double estimatedCycles) {
        double macCycles = macs / board.macsPerCycle(bits);
        double byteCycles = bytes / board.readBytesPerCycle();
        double cycles = Math.max(macCycles, byteCycles);
        return new Bound(
                macCycles, byteCycles, cycles, macCycles >= byteCycles ? "macs" : "bytes", cycles / estimatedCycles);
    }
}
