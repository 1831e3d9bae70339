package tilewright.model.format;

/**
 * IQ4_XS: the codes of IQ4_NL with a 6-bit scale per 32.
 *
 * <p>Bytes: binary16 scale; 16 bits with the upper two bits of the groups' scales plus 32; 4 bytes with the lower four bits,
 * groups 2i and 2i + 1 in the lower and upper half; 128 of codes, where a group's 16 bytes hold elements i and i + 16. A value
 * is {@code d * (scale - 32) * table[code]}.
 */
final class Iq4Xs extends SuperBlock {
    private static final int GROUP = 32;
    private static final int PAIRS = GROUP / 2;
    private static final int GROUPS = ELEMENTS / GROUP;
    private static final int HIGH_AT = 2;
    private static final int LOW_AT = 4;
    private static final int CODES_AT = LOW_AT + GROUPS / 2;

    Iq4Xs() {
        super(CODES_AT + ELEMENTS / 2);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        float d = half(block, p);
        for (int group = 0; group < GROUPS; group++) {
            float scale = d * (scale(block, p, group) - 32);
            int from = p + CODES_AT + group * PAIRS;
            int to = at + group * GROUP;
            for (int i = 0; i < PAIRS; i++) {
                values[to + i] = scale * CodeTable.value(block[from + i] & 0xf);
                values[to + i + PAIRS] = scale * CodeTable.value(block[from + i] >>> 4 & 0xf);
            }
        }
    }

    private static int scale(byte[] block, int p, int group) {
        int low = block[p + LOW_AT + group / 2] >>> group % 2 * 4 & 0xf;
        return low | (bits16(block, p + HIGH_AT) >>> group * 2 & 3) << 4;
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        float[] scales = new float[GROUPS];
        for (int group = 0; group < GROUPS; group++) {
            scales[group] = CodeTable.scale(values, at + group * GROUP, GROUP);
        }
        float ofScales = -extreme(scales) / 32;
        float inverse = ofScales == 0 ? 0 : 1 / ofScales;
        float d = putHalf(block, p, ofScales);
        int high = 0;
        for (int group = 0; group < GROUPS; group++) {
            int scale = clamp(nearest(inverse * scales[group]), -32, 31);
            block[p + LOW_AT + group / 2] |= (byte) ((scale + 32 & 0xf) << group % 2 * 4);
            high |= scale + 32 >>> 4 << group * 2;
            float ofGroup = d * scale;
            float inverseOfGroup = ofGroup == 0 ? 0 : 1 / ofGroup;
            for (int i = 0; i < PAIRS; i++) {
                int first = CodeTable.nearest(inverseOfGroup * values[at + group * GROUP + i]);
                int second = CodeTable.nearest(inverseOfGroup * values[at + group * GROUP + i + PAIRS]);
                block[p + CODES_AT + group * PAIRS + i] = (byte) (first | second << 4);
            }
        }
        putBits16(block, p + HIGH_AT, high);
    }

    @Override
    double maxError(byte[] block) {
        int widest = 0;
        for (int group = 0; group < GROUPS; group++) {
            widest = Math.max(widest, Math.abs(scale(block, 0, group) - 32));
        }
        return Math.abs(half(block, 0)) * widest * CodeTable.WIDEST_GAP / 2.0;
    }
}
