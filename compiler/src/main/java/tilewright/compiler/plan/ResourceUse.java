package tilewright.compiler.plan;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a unit or a whole design occupies.
 *
 * @param dsp DSP blocks by use
 * @param lut LUTs, memories built of them included
 * @param ff flip-flops
 * @param bram36 block RAM in blocks of 36 Kbit (halves occur; smaller blocks of other families are converted by bits)
 * @param uram large blocks
 * @param buffers every memory, with its placement
 */
public record ResourceUse(DspUse dsp, double lut, double ff, double bram36, int uram, List<BufferPlacement> buffers) {
    /** Nothing. */
    public static final ResourceUse NONE = new ResourceUse(DspUse.NONE, 0, 0, 0, 0, List.of());

    /** Copies the list. */
    public ResourceUse {
        buffers = List.copyOf(buffers);
    }

    /**
     * The use of a unit: its logic and its buffers.
     *
     * @param logicLut LUTs without the buffers'
     */
    static ResourceUse of(DspUse dsp, double logicLut, double ff, List<BufferPlacement> buffers) {
        return new ResourceUse(
                dsp,
                logicLut + buffers.stream().mapToDouble(BufferPlacement::lut).sum(),
                ff,
                buffers.stream().mapToDouble(BufferPlacement::bram36).sum(),
                buffers.stream().mapToInt(BufferPlacement::uram).sum(),
                buffers);
    }

    /** The sum; buffers of this come first. */
    public ResourceUse plus(ResourceUse other) {
        return new ResourceUse(
                dsp.plus(other.dsp),
                lut + other.lut,
                ff + other.ff,
                bram36 + other.bram36,
                uram + other.uram,
                Stream.concat(buffers.stream(), other.buffers.stream()).toList());
    }
}
