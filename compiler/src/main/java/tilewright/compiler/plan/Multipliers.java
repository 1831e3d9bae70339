package tilewright.compiler.plan;

import tilewright.boards.DspKind;

/**
 * DSP blocks that a product of two signed numbers takes in HLS.
 *
 * <p>A wide operand is cut into pieces: the top one signed, the others unsigned and one bit narrower than the block's
 * port. Two int8 products in one block are not counted: the emitted C++ leaves packing to nobody.
 */
final class Multipliers {
    private Multipliers() {}

    /**
     * Blocks of a kind for a signed product.
     *
     * <p>A product that fits one block takes one. Otherwise either operand may have been cut for the wide port; which
     * one the tool cuts is not published, so the costlier is counted: 4 for 32 x 32 bits and 6 for 48 x 32 on a DSP48E2.
     *
     * @param a bits of an operand, sign included
     * @param b bits of the other, sign included
     */
    static int dsp(DspKind kind, int a, int b) {
        int wide = widePort(kind);
        int narrow = narrowPort(kind);
        int oneWay = pieces(a, wide) * pieces(b, narrow);
        int otherWay = pieces(b, wide) * pieces(a, narrow);
        return Math.min(oneWay, otherWay) == 1 ? 1 : Math.max(oneWay, otherWay);
    }

    private static int pieces(int bits, int port) {
        return bits <= port ? 1 : 1 + (bits - port + port - 2) / (port - 1);
    }

    /** Width of the wide signed operand; without DSP blocks products are counted as 18 x 18, to say what is missing. */
    private static int widePort(DspKind kind) {
        return switch (kind) {
            case DSP48E2, DSP58 -> 27;
            case DSP48E1 -> 25;
            case MULT18X18D, NONE -> 18;
            case SB_MAC16 -> 16;
        };
    }

    private static int narrowPort(DspKind kind) {
        return switch (kind) {
            case DSP58 -> 24;
            case DSP48E2, DSP48E1, MULT18X18D, NONE -> 18;
            case SB_MAC16 -> 16;
        };
    }
}
