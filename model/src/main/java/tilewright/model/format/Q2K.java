package tilewright.model.format;

/**
 * Q2_K: 2-bit codes, a 4-bit scale and a 4-bit minimum per 16.
 *
 * <p>Bytes: 16 with a group's scale in the lower and its minimum in the upper half; 64 of codes, where a byte holds elements
 * i, i + 32, i + 64, i + 96 of one half of the block; binary16 scale of the scales; binary16 scale of the minima. A value is
 * {@code d * scale * code - dmin * minimum}.
 */
final class Q2K extends SuperBlock {
    private static final int GROUP = 16;
    private static final int GROUPS = ELEMENTS / GROUP;
    private static final int CODES_AT = GROUPS;
    private static final int SCALE_AT = CODES_AT + ELEMENTS / 4;
    private static final ScaleSearch.Candidates CANDIDATES = new ScaleSearch.Candidates(-0.5f, 0.1f, 15);

    Q2K() {
        super(SCALE_AT + 4);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        float d = half(block, p + SCALE_AT);
        float dmin = half(block, p + SCALE_AT + 2);
        for (int group = 0; group < GROUPS; group++) {
            float scale = d * (block[p + group] & 0xf);
            float minimum = dmin * (block[p + group] >>> 4 & 0xf);
            int codes = p + codesAt(group);
            int shift = shift(group);
            for (int i = 0; i < GROUP; i++) {
                values[at + group * GROUP + i] = scale * (block[codes + i] >>> shift & 3) - minimum;
            }
        }
    }

    /** Where the bytes of a group's codes begin. */
    private static int codesAt(int group) {
        return CODES_AT + group / 8 * 32 + group % 2 * GROUP;
    }

    /** The position of a group's codes in their bytes. */
    private static int shift(int group) {
        return group % 8 / 2 * 2;
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        ScaleSearch search = new ScaleSearch(GROUP, 3);
        float[] weights = new float[GROUP];
        float[] scales = new float[GROUPS];
        float[] minima = new float[GROUPS];
        for (int group = 0; group < GROUPS; group++) {
            for (int i = 0; i < GROUP; i++) {
                weights[i] = Math.abs(values[at + group * GROUP + i]);
            }
            scales[group] = search.affine(values, at + group * GROUP, weights, CANDIDATES, true);
            minima[group] = search.minimum();
        }
        float largestScale = largest(scales);
        float largestMinimum = largest(minima);
        float d = putHalf(block, p + SCALE_AT, largestScale / 15);
        float dmin = putHalf(block, p + SCALE_AT + 2, largestMinimum / 15);
        int[] codes = new int[GROUP];
        for (int group = 0; group < GROUPS; group++) {
            int scale = largestScale > 0 ? clamp(nearest(15 / largestScale * scales[group]), 0, 15) : 0;
            int minimum = largestMinimum > 0 ? clamp(nearest(15 / largestMinimum * minima[group]), 0, 15) : 0;
            block[p + group] = (byte) (scale | minimum << 4);
            if (d * scale != 0) {
                round(values, at + group * GROUP, GROUP, d * scale, dmin * minimum, 3, codes, 0);
                for (int i = 0; i < GROUP; i++) {
                    block[p + codesAt(group) + i] |= (byte) (codes[i] << shift(group));
                }
            }
        }
    }

    @Override
    double maxError(byte[] block) {
        int widest = 0;
        for (int group = 0; group < GROUPS; group++) {
            widest = Math.max(widest, block[group] & 0xf);
        }
        return Math.abs(half(block, SCALE_AT)) * widest / 2.0;
    }
}
