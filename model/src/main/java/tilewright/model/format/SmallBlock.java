package tilewright.model.format;

/**
 * Q4_0, Q4_1, Q5_0, Q5_1: 32 codes of 4 or 5 bits with a binary16 scale d, and a binary16 minimum m or none.
 *
 * <p>A value is {@code d * (code - half)} without a minimum and {@code d * code + m} with one. Bytes: d; m; with 5 bits the
 * fifth bits of all codes; then 16 bytes with the lower four bits, element i in the lower and i + 16 in the upper half.
 */
final class SmallBlock extends ArrayCodec {
    private static final int ELEMENTS = 32;
    private static final int PAIRS = ELEMENTS / 2;

    private final boolean minimum;
    private final int most;
    private final int half;
    private final int highAt;
    private final int lowAt;

    /** The format with 4 or 5 bits, with or without a minimum. */
    SmallBlock(int bits, boolean minimum) {
        super(ELEMENTS, 2 + (minimum ? 2 : 0) + (bits == 5 ? 4 : 0) + PAIRS);
        this.minimum = minimum;
        most = (1 << bits) - 1;
        half = minimum ? 0 : 1 << bits - 1;
        highAt = minimum ? 4 : 2;
        lowAt = highAt + (bits == 5 ? 4 : 0);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        float d = half(block, p);
        float m = minimum ? half(block, p + 2) : 0;
        int high = lowAt == highAt ? 0 : high(block, p);
        for (int i = 0; i < PAIRS; i++) {
            int low = block[p + lowAt + i];
            int first = low & 0xf | (high >>> i & 1) << 4;
            int second = low >>> 4 & 0xf | (high >>> i + PAIRS & 1) << 4;
            values[at + i] = minimum ? first * d + m : (first - half) * d;
            values[at + i + PAIRS] = minimum ? second * d + m : (second - half) * d;
        }
    }

    private int high(byte[] block, int p) {
        return bits16(block, p + highAt) & 0xffff | bits16(block, p + highAt + 2) << 16;
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        float d = minimum ? rangeScale(values, at, block, p) : signedScale(values, at);
        float m = minimum ? least(values, at) : 0;
        float inverse = d == 0 ? 0 : 1 / d;
        float rounding = half + 0.5f;
        putHalf(block, p, d);
        int high = 0;
        for (int i = 0; i < PAIRS; i++) {
            int first = Math.min(most, (int) ((values[at + i] - m) * inverse + rounding));
            int second = Math.min(most, (int) ((values[at + i + PAIRS] - m) * inverse + rounding));
            block[p + lowAt + i] = (byte) (first & 0xf | (second & 0xf) << 4);
            high |= first >>> 4 << i | second >>> 4 << i + PAIRS;
        }
        if (lowAt != highAt) {
            putBits16(block, p + highAt, high);
            putBits16(block, p + highAt + 2, high >>> 16);
        }
    }

    /** The value of largest magnitude, the first of several, becomes the least code. */
    private float signedScale(float[] values, int at) {
        float magnitude = 0;
        float extreme = 0;
        for (int i = 0; i < ELEMENTS; i++) {
            if (Math.abs(values[at + i]) > magnitude) {
                magnitude = Math.abs(values[at + i]);
                extreme = values[at + i];
            }
        }
        return extreme / -half;
    }

    /** The least value becomes code 0 and the largest the largest code; writes the minimum. */
    private float rangeScale(float[] values, int at, byte[] block, int p) {
        float least = least(values, at);
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < ELEMENTS; i++) {
            largest = values[at + i] > largest ? values[at + i] : largest;
        }
        putHalf(block, p + 2, least);
        return (largest - least) / most;
    }

    private static float least(float[] values, int at) {
        float least = Float.POSITIVE_INFINITY;
        for (int i = 0; i < ELEMENTS; i++) {
            least = values[at + i] < least ? values[at + i] : least;
        }
        return least;
    }

    @Override
    double maxError(byte[] block) {
        return Math.abs(half(block, 0)) / 2.0;
    }
}
