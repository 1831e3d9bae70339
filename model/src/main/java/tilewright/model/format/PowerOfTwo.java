package tilewright.model.format;

/**
 * F8_E8M0: a power of two from 2^-127 to 2^127, the scale type of the OCP microscaling formats (revision 1.0).
 *
 * <p>Values are rounded to the nearer power, upwards from the middle; values below 2^-127, zero and negative ones become
 * 2^-127. Code 255 is NaN.
 */
final class PowerOfTwo extends ArrayCodec {
    private static final int BIAS = 127;

    PowerOfTwo() {
        super(1, 1);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        int code = block[p] & 0xff;
        values[at] = code == 255 ? Float.NaN : Math.scalb(1f, code - BIAS);
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        float value = values[at];
        if (Float.isNaN(value)) {
            block[p] = (byte) 255;
        } else if (value <= 0x1p-127f) {
            block[p] = 0;
        } else {
            int exponent = Math.getExponent((double) value);
            boolean up = value >= 1.5 * Math.scalb(1.0, exponent);
            block[p] = (byte) clamp(exponent + (up ? 1 : 0) + BIAS, 0, 254);
        }
    }

    /** Half of the gap to the next larger power. */
    @Override
    double maxError(byte[] block) {
        int code = block[0] & 0xff;
        return code == 255 ? Double.NaN : Math.scalb(0.5, code - BIAS);
    }
}
