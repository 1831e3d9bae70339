package tilewright.edge.language;

import tilewright.edge.matrix.KernelScratch;

/** One thread's own arrays, which grow to the largest size asked for; their content is left over from the last use. */
final class Scratch {
    private static final int SLOTS = 6;

    private final float[][] floats = new float[SLOTS][0];
    private double[] doubles = new double[0];
    private final KernelScratch kernel = new KernelScratch();

    /** Array number {@code slot} (0 to 5) with at least {@code length} elements. */
    float[] floats(int slot, int length) {
        if (floats[slot].length < length) {
            floats[slot] = new float[length];
        }
        return floats[slot];
    }

    /** An array of at least {@code length} elements. */
    double[] doubles(int length) {
        if (doubles.length < length) {
            doubles = new double[length];
        }
        return doubles;
    }

    /** What matrix kernels work in. */
    KernelScratch kernel() {
        return kernel;
    }
}
