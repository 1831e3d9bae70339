package tilewright.compiler.plan;

import tilewright.hw.hls.DesignParameters.Storage;

/**
 * One on-chip memory of the design and what it takes.
 *
 * @param name of the buffer, as in the emitted C++
 * @param storage what it is built of
 * @param banks memories that are accessed in the same cycle, copies of a double buffer included
 * @param widthBits of one bank
 * @param depth words of one bank
 * @param bits of all banks together
 * @param bram36 block RAM that it occupies, in blocks of 36 Kbit
 * @param uram large blocks that it occupies
 * @param lut LUTs that it occupies
 */
public record BufferPlacement(
        String name,
        Storage storage,
        int banks,
        int widthBits,
        int depth,
        long bits,
        double bram36,
        int uram,
        double lut) {}
