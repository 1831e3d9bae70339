package tilewright.model.format;

/** Q8_0: 32 signed bytes with a binary16 scale; the value of largest magnitude becomes 127 or -127. */
final class Q80 extends ArrayCodec {
    private static final int ELEMENTS = 32;

    Q80() {
        super(ELEMENTS, 2 + ELEMENTS);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        float d = half(block, p);
        for (int i = 0; i < ELEMENTS; i++) {
            values[at + i] = block[p + 2 + i] * d;
        }
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        float magnitude = 0;
        for (int i = 0; i < ELEMENTS; i++) {
            magnitude = Math.max(magnitude, Math.abs(values[at + i]));
        }
        float d = magnitude / 127;
        float inverse = d == 0 ? 0 : 1 / d;
        putHalf(block, p, d);
        for (int i = 0; i < ELEMENTS; i++) {
            block[p + 2 + i] = (byte) awayFromZero(values[at + i] * inverse);
        }
    }

    /** The nearest integer, of two the one farther from 0, as the reference rounds here. */
    private static int awayFromZero(float value) {
        int magnitude = (int) (Math.abs((double) value) + 0.5);
        return value < 0 ? -magnitude : magnitude;
    }

    @Override
    double maxError(byte[] block) {
        return Math.abs(half(block, 0)) / 2.0;
    }
}
