package tilewright.model.format;

/** BF16: the upper half of a binary32, rounded to nearest even; a NaN stays one. */
final class BrainFloat16 extends ArrayCodec {
    private static final int FRACTION_BITS = 7;

    BrainFloat16() {
        super(1, 2);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        values[at] = Float.intBitsToFloat(bits16(block, p) << 16);
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        int bits = Float.floatToRawIntBits(values[at]);
        int rounded = Float.isNaN(values[at]) ? bits >>> 16 | 0x40 : bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
        putBits16(block, p, rounded);
    }

    @Override
    double maxError(byte[] block) {
        int exponent = Math.getExponent(Float.intBitsToFloat(bits16(block, 0) << 16));
        return Math.scalb(0.5, Math.max(exponent, Float.MIN_EXPONENT) - FRACTION_BITS);
    }
}
