package tilewright.sim.synthesis;

/**
 * What a design takes of a device.
 *
 * @param lookupTables of 6 inputs for AMD, 4 for Lattice; those that are memory are among them
 * @param memoryTables those of them that are memory or shift registers
 * @param flipFlops flip-flops
 * @param multipliers DSP blocks
 * @param blockMemories blocks of memory: 18 or 36 kbit for AMD, 16 for ECP5, 4 for iCE40
 * @param levels lookup tables on the longest path between registers, memories, multipliers and ports; carry chains and
 *     dedicated multiplexers are not counted, so that an adder is one level
 * @param path where that path begins and ends, in the design's names
 */
public record Resources(
        int lookupTables,
        int memoryTables,
        int flipFlops,
        int multipliers,
        int blockMemories,
        int levels,
        String path) {}
