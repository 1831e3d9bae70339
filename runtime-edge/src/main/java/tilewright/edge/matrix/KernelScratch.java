package tilewright.edge.matrix;

/** One thread's own memory for kernels; it grows to the largest size asked for and keeps nothing of meaning. */
public final class KernelScratch {
    private float[] panel = new float[0];
    private float[] edge = new float[0];

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
}
