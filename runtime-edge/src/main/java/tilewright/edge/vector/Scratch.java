package tilewright.edge.vector;

/** One worker's own arrays, which grow to the largest size asked for; their content is left over from the last use. */
final class Scratch {
    private final float[][] floats = new float[4][0];

    /** Array number {@code slot} (0 to 3) with at least {@code length} elements. */
    float[] floats(int slot, int length) {
        if (floats[slot].length < length) {
            floats[slot] = new float[length];
        }
        return floats[slot];
    }
}
