package tilewright.compiler.plan;

/**
 * DSP blocks by what they do.
 *
 * @param linear the tile of the linear unit
 * @param attention scores, values and softmax
 * @param norm LayerNorm
 * @param router scores and softmax of the router
 * @param requantise requantisers of all units, activation interpolation and router weighting
 */
public record DspUse(int linear, int attention, int norm, int router, int requantise) {
    /** No blocks. */
    public static final DspUse NONE = new DspUse(0, 0, 0, 0, 0);

    /** All blocks. */
    public int total() {
        return linear + attention + norm + router + requantise;
    }

    /** The sum, use by use. */
    public DspUse plus(DspUse other) {
        return new DspUse(
                linear + other.linear,
                attention + other.attention,
                norm + other.norm,
                router + other.router,
                requantise + other.requantise);
    }
}
