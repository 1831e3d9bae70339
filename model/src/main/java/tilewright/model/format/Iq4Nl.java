package tilewright.model.format;

/**
 * IQ4_NL: 32 codes of 4 bits into a table of unevenly spaced values, with a binary16 scale.
 *
 * <p>Bytes: the scale; 16 with element i in the lower and i + 16 in the upper half. A value is {@code d * table[code]}.
 */
final class Iq4Nl extends ArrayCodec {
    private static final int ELEMENTS = 32;
    private static final int PAIRS = ELEMENTS / 2;

    Iq4Nl() {
        super(ELEMENTS, 2 + PAIRS);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        float d = half(block, p);
        for (int i = 0; i < PAIRS; i++) {
            values[at + i] = d * CodeTable.value(block[p + 2 + i] & 0xf);
            values[at + i + PAIRS] = d * CodeTable.value(block[p + 2 + i] >>> 4 & 0xf);
        }
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        float d = CodeTable.scale(values, at, ELEMENTS);
        float inverse = d == 0 ? 0 : 1 / d;
        putHalf(block, p, d);
        for (int i = 0; i < PAIRS; i++) {
            int first = CodeTable.nearest(inverse * values[at + i]);
            int second = CodeTable.nearest(inverse * values[at + i + PAIRS]);
            block[p + 2 + i] = (byte) (first | second << 4);
        }
    }

    @Override
    double maxError(byte[] block) {
        return Math.abs(half(block, 0)) * CodeTable.WIDEST_GAP / 2.0;
    }
}
