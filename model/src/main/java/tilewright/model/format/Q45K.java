package tilewright.model.format;

/**
 * Q4_K and Q5_K: 4- or 5-bit codes, a 6-bit scale and a 6-bit minimum per 32.
 *
 * <p>Bytes: binary16 scale d of the scales; binary16 scale dmin of the minima; 12 with scales and minima; for Q5_K 32 with the
 * fifth bits, where a byte's bits are elements i, i + 32, ..., i + 224; 128 with the lower four bits, where a byte holds
 * elements i and i + 32 of a quarter of the block. A value is {@code d * scale * code - dmin * minimum}.
 *
 * <p>Of the 12 bytes the first four hold scales 0 to 3 and the next four minima 0 to 3 in their lower six bits; the last four
 * hold the lower four bits of scale and minimum 4 to 7, whose upper two bits are on top of the first eight bytes.
 */
final class Q45K extends SuperBlock {
    private static final int GROUP = 32;
    private static final int GROUPS = ELEMENTS / GROUP;
    private static final int SCALES_AT = 4;
    private static final int HIGH_AT = SCALES_AT + 12;
    private static final ScaleSearch.Candidates OF_4_BITS = new ScaleSearch.Candidates(-1, 0.1f, 20);
    private static final ScaleSearch.Candidates OF_5_BITS = new ScaleSearch.Candidates(-0.5f, 0.1f, 15);

    private final boolean five;
    private final int lowAt;

    /** The format with 4 or 5 bits. */
    Q45K(int bits) {
        super(HIGH_AT + (bits == 5 ? GROUP : 0) + ELEMENTS / 2);
        five = bits == 5;
        lowAt = HIGH_AT + (five ? GROUP : 0);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        float d = half(block, p);
        float dmin = half(block, p + 2);
        for (int group = 0; group < GROUPS; group++) {
            float scale = d * scale(block, p + SCALES_AT, group);
            float minimum = dmin * minimum(block, p + SCALES_AT, group);
            int low = p + lowAt + group / 2 * GROUP;
            int shift = group % 2 * 4;
            int to = at + group * GROUP;
            if (five) {
                for (int i = 0; i < GROUP; i++) {
                    int code = block[low + i] >>> shift & 0xf | (block[p + HIGH_AT + i] >>> group & 1) << 4;
                    values[to + i] = scale * code - minimum;
                }
            } else {
                for (int i = 0; i < GROUP; i++) {
                    values[to + i] = scale * (block[low + i] >>> shift & 0xf) - minimum;
                }
            }
        }
    }

    private static int scale(byte[] block, int p, int group) {
        return group < 4 ? block[p + group] & 63 : block[p + group + 4] & 0xf | block[p + group - 4] >>> 2 & 0x30;
    }

    private static int minimum(byte[] block, int p, int group) {
        return group < 4 ? block[p + group + 4] & 63 : block[p + group + 4] >>> 4 & 0xf | block[p + group] >>> 2 & 0x30;
    }

    private static void putScales(byte[] block, int p, int group, int scale, int minimum) {
        if (group < 4) {
            block[p + group] |= (byte) scale;
            block[p + group + 4] |= (byte) minimum;
        } else {
            block[p + group + 4] = (byte) (scale & 0xf | (minimum & 0xf) << 4);
            block[p + group - 4] |= (byte) (scale >>> 4 << 6);
            block[p + group] |= (byte) (minimum >>> 4 << 6);
        }
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        ScaleSearch search = new ScaleSearch(GROUP, five ? 31 : 15);
        float[] weights = new float[GROUP];
        float[] scales = new float[GROUPS];
        float[] minima = new float[GROUPS];
        for (int group = 0; group < GROUPS; group++) {
            int from = at + group * GROUP;
            weigh(values, from, weights);
            scales[group] = search.affine(values, from, weights, five ? OF_5_BITS : OF_4_BITS, false);
            minima[group] = search.minimum();
        }
        float largestScale = largest(scales);
        float largestMinimum = largest(minima);
        float d = putHalf(block, p, largestScale / 63);
        float dmin = putHalf(block, p + 2, largestMinimum / 63);
        int[] codes = new int[GROUP];
        for (int group = 0; group < GROUPS; group++) {
            int scale = largestScale > 0 ? clamp(nearest(63 / largestScale * scales[group]), 0, 63) : 0;
            int minimum = largestMinimum > 0 ? clamp(nearest(63 / largestMinimum * minima[group]), 0, 63) : 0;
            putScales(block, p + SCALES_AT, group, scale, minimum);
            if (d * scale != 0) {
                round(values, at + group * GROUP, GROUP, d * scale, dmin * minimum, five ? 31 : 15, codes, 0);
                put(codes, group, block, p);
            }
        }
    }

    /** Values weigh as much as they and the group are large. */
    private static void weigh(float[] values, int from, float[] weights) {
        float squares = 0;
        for (int i = 0; i < GROUP; i++) {
            squares += values[from + i] * values[from + i];
        }
        float mean = (float) Math.sqrt(squares / GROUP);
        for (int i = 0; i < GROUP; i++) {
            weights[i] = mean + Math.abs(values[from + i]);
        }
    }

    private void put(int[] codes, int group, byte[] block, int p) {
        for (int i = 0; i < GROUP; i++) {
            block[p + lowAt + group / 2 * GROUP + i] |= (byte) ((codes[i] & 0xf) << group % 2 * 4);
            if (five) {
                block[p + HIGH_AT + i] |= (byte) (codes[i] >>> 4 << group);
            }
        }
    }

    @Override
    double maxError(byte[] block) {
        int widest = 0;
        for (int group = 0; group < GROUPS; group++) {
            widest = Math.max(widest, scale(block, SCALES_AT, group));
        }
        return Math.abs(half(block, 0)) * widest / 2.0;
    }
}
