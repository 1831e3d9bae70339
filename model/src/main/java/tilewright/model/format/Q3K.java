package tilewright.model.format;

import java.util.Arrays;

/**
 * Q3_K: 3-bit codes, a 6-bit scale per 16.
 *
 * <p>Bytes: 32 with the third bits, where a byte's bits are elements i, i + 32, ..., i + 224; 64 with the lower two bits as in
 * Q2_K; 12 with the scales plus 32 (8 bytes with the lower four bits of groups i and i + 8, 4 bytes with the upper two of
 * groups i, i + 4, i + 8, i + 12); binary16 scale. A value is {@code d * (scale - 32) * (code - 4)}.
 */
final class Q3K extends SuperBlock {
    private static final int GROUP = 16;
    private static final int GROUPS = ELEMENTS / GROUP;
    private static final int LOW_AT = ELEMENTS / 8;
    private static final int SCALES_AT = LOW_AT + ELEMENTS / 4;
    private static final int SCALE_AT = SCALES_AT + 12;

    Q3K() {
        super(SCALE_AT + 2);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        float d = half(block, p + SCALE_AT);
        for (int group = 0; group < GROUPS; group++) {
            float scale = d * (scale(block, p, group) - 32);
            int high = p + group % 2 * GROUP;
            int low = p + LOW_AT + group / 8 * 32 + group % 2 * GROUP;
            int bit = group / 2;
            int shift = group % 8 / 2 * 2;
            for (int i = 0; i < GROUP; i++) {
                int code = block[low + i] >>> shift & 3 | (block[high + i] >>> bit & 1) << 2;
                values[at + group * GROUP + i] = scale * (code - 4);
            }
        }
    }

    private static int scale(byte[] block, int p, int group) {
        int low = block[p + SCALES_AT + group % 8] >>> group / 8 * 4 & 0xf;
        return low | (block[p + SCALES_AT + 8 + group % 4] >>> group / 4 * 2 & 3) << 4;
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        float[] scales = new float[GROUPS];
        for (int group = 0; group < GROUPS; group++) {
            scales[group] = ScaleSearch.descent(values, at + group * GROUP, GROUP, 4);
        }
        float extreme = extreme(scales);
        if (extreme == 0) {
            return;
        }
        float inverse = -32 / extreme;
        float d = putHalf(block, p + SCALE_AT, 1 / inverse);
        int[] codes = new int[GROUP];
        for (int group = 0; group < GROUPS; group++) {
            int scale = clamp(nearest(inverse * scales[group]), -32, 31);
            block[p + SCALES_AT + group % 8] |= (byte) ((scale + 32 & 0xf) << group / 8 * 4);
            block[p + SCALES_AT + 8 + group % 4] |= (byte) (scale + 32 >>> 4 << group / 4 * 2);
            Arrays.fill(codes, 4);
            if (d * scale != 0) {
                roundSigned(values, at + group * GROUP, GROUP, d * scale, 4, codes, 0);
            }
            int low = p + LOW_AT + group / 8 * 32 + group % 2 * GROUP;
            for (int i = 0; i < GROUP; i++) {
                block[low + i] |= (byte) ((codes[i] & 3) << group % 8 / 2 * 2);
                block[p + group % 2 * GROUP + i] |= (byte) (codes[i] >>> 2 << group / 2);
            }
        }
    }

    @Override
    double maxError(byte[] block) {
        int widest = 0;
        for (int group = 0; group < GROUPS; group++) {
            widest = Math.max(widest, Math.abs(scale(block, 0, group) - 32));
        }
        return Math.abs(half(block, SCALE_AT)) * widest / 2.0;
    }
}
