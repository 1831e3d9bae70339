package tilewright.model.format;

/** F16: IEEE 754 binary16, rounded to nearest even; overflow gives infinity. */
final class Float16 extends ArrayCodec {
    private static final int FRACTION_BITS = 10;

    Float16() {
        super(1, 2);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        values[at] = half(block, p);
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        putHalf(block, p, values[at]);
    }

    /** Half a unit in the last place: numbers below 2^-14 are spaced evenly. */
    @Override
    double maxError(byte[] block) {
        return Math.scalb(0.5, Math.max(Math.getExponent(half(block, 0)), -14) - FRACTION_BITS);
    }
}
