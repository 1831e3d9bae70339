package tilewright.edge.matrix;

/** One thread's own memory for kernels; it grows to the largest size asked for and keeps nothing of meaning. */
public final class KernelScratch {
    private float[] panel = new float[0];
    private float[] edge = new float[0];
    private float[] scales = new float[0];
    private float[] offsets = new float[0];

    /** Empty scratch. */
    public KernelScratch() {}

    /** At least {@code length} elements for a dequantised panel. */
    float[] panel(int length) {
        if (panel.length < length) {
            panel = new float[length];
        }
        return panel;
    }

    /** At least {@code length} elements for results that do not all belong to the caller's array. */
    float[] edge(int length) {
        if (edge.length < length) {
            edge = new float[length];
        }
        return edge;
    }

    /** At least {@code length} elements for the scales of a panel. */
    float[] scales(int length) {
        if (scales.length < length) {
            scales = new float[length];
        }
        return scales;
    }

    /** At least {@code length} elements for the offsets of a panel. */
    float[] offsets(int length) {
        if (offsets.length < length) {
            offsets = new float[length];
        }
        return offsets;
    }
}
