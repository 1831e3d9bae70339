package tilewright.model.format;

import java.util.Arrays;

/**
 * Q6_K: 6-bit codes, an 8-bit scale per 16.
 *
 * <p>Bytes: 128 with the lower four bits, where a byte holds elements i and i + 64 of one half of the block; 64 with the upper
 * two bits, where a byte holds elements i, i + 32, i + 64, i + 96 of one half; 16 signed scales; binary16 scale. A value is
 * {@code d * scale * (code - 32)}.
 */
final class Q6K extends SuperBlock {
    private static final int GROUP = 16;
    private static final int GROUPS = ELEMENTS / GROUP;
    private static final int HIGH_AT = ELEMENTS / 2;
    private static final int SCALES_AT = HIGH_AT + ELEMENTS / 4;
    private static final int SCALE_AT = SCALES_AT + GROUPS;

    Q6K() {
        super(SCALE_AT + 2);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        float d = half(block, p + SCALE_AT);
        for (int group = 0; group < GROUPS; group++) {
            float scale = d * block[p + SCALES_AT + group];
            int low = p + lowAt(group);
            int high = p + highAt(group);
            int lowShift = group % 8 / 4 * 4;
            int highShift = group % 8 / 2 * 2;
            for (int i = 0; i < GROUP; i++) {
                int code = block[low + i] >>> lowShift & 0xf | (block[high + i] >>> highShift & 3) << 4;
                values[at + group * GROUP + i] = scale * (code - 32);
            }
        }
    }

    private static int lowAt(int group) {
        return group / 8 * 64 + group % 4 * GROUP;
    }

    private static int highAt(int group) {
        return HIGH_AT + group / 8 * 32 + group % 2 * GROUP;
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        float[] scales = new float[GROUPS];
        for (int group = 0; group < GROUPS; group++) {
            scales[group] = ScaleSearch.symmetric(values, at + group * GROUP, GROUP, 32);
        }
        float extreme = extreme(scales);
        if (Math.abs(extreme) < ScaleSearch.NEGLIGIBLE) {
            return;
        }
        float inverse = -128 / extreme;
        float d = putHalf(block, p + SCALE_AT, 1 / inverse);
        int[] codes = new int[GROUP];
        for (int group = 0; group < GROUPS; group++) {
            int scale = Math.min(127, nearest(inverse * scales[group]));
            block[p + SCALES_AT + group] = (byte) scale;
            if (d * scale == 0) {
                Arrays.fill(codes, 32);
            } else {
                roundSigned(values, at + group * GROUP, GROUP, d * scale, 32, codes, 0);
            }
            for (int i = 0; i < GROUP; i++) {
                block[p + lowAt(group) + i] |= (byte) ((codes[i] & 0xf) << group % 8 / 4 * 4);
                block[p + highAt(group) + i] |= (byte) (codes[i] >>> 4 << group % 8 / 2 * 2);
            }
        }
    }

    @Override
    double maxError(byte[] block) {
        int widest = 0;
        for (int group = 0; group < GROUPS; group++) {
            widest = Math.max(widest, Math.abs(block[SCALES_AT + group]));
        }
        return Math.abs(half(block, SCALE_AT)) * widest / 2.0;
    }
}
