package tilewright.model.format;

/**
 * MXFP4: 32 floats of 4 bits (sign, 2 exponent bits, 1 fraction bit) with a power-of-two scale, in GGUF's layout.
 *
 * <p>Bytes: the scale's exponent plus 127 (OCP E8M0); 16 bytes with element i in the lower and i + 16 in the upper half. As
 * in the reference, the scale code 255 is no NaN but 2^128, and rounding takes the first of two equally near codes: the one
 * nearer to 0, and never negative zero.
 */
final class Mxfp4 extends ArrayCodec {
    private static final int ELEMENTS = 32;
    private static final int PAIRS = ELEMENTS / 2;
    /** Twice the values of the codes, so that they are integers. */
    private static final byte[] DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    /** The exponent of the largest code's value, 6. */
    private static final int LARGEST_EXPONENT = 2;

    Mxfp4() {
        super(ELEMENTS, 1 + PAIRS);
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] values, int at) {
        float scale = halfScale(block[p] & 0xff);
        for (int i = 0; i < PAIRS; i++) {
            int codes = block[p + 1 + i];
            values[at + i] = DOUBLED[codes & 0xf] * scale;
            values[at + i + PAIRS] = DOUBLED[codes >>> 4 & 0xf] * scale;
        }
    }

    /** Half of the scale with this code, for the doubled values: 2^(code - 128). */
    private static float halfScale(int code) {
        return Math.scalb(1f, code - 128);
    }

    @Override
    void encodeBlock(float[] values, int at, byte[] block, int p) {
        float magnitude = 0;
        for (int i = 0; i < ELEMENTS; i++) {
            magnitude = Math.max(magnitude, Math.abs(values[at + i]));
        }
        int code = magnitude > 0 ? clamp(floorLog2(magnitude) - LARGEST_EXPONENT + 127, 0, 254) : 0;
        float scale = halfScale(code);
        block[p] = (byte) code;
        for (int i = 0; i < PAIRS; i++) {
            block[p + 1 + i] =
                    (byte) (nearestCode(values[at + i], scale) | nearestCode(values[at + i + PAIRS], scale) << 4);
        }
    }

    /**
     * The logarithm rounded to float32 before it is rounded down, as the reference does: just below a large power of two it
     * is one more than the exponent.
     */
    private static int floorLog2(float value) {
        int exponent = Math.getExponent((double) value);
        double fraction = Math.scalb((double) value, -exponent);
        return (int) Math.floor((float) (exponent + Math.log(fraction) / Math.log(2)));
    }

    private static int nearestCode(float value, float scale) {
        int nearest = 0;
        float error = Math.abs(DOUBLED[0] * scale - value);
        for (int code = 1; code < DOUBLED.length; code++) {
            float here = Math.abs(DOUBLED[code] * scale - value);
            if (here < error) {
                nearest = code;
                error = here;
            }
        }
        return nearest;
    }

    /** The widest gap is the one from 4 to 6. */
    @Override
    double maxError(byte[] block) {
        return Math.scalb(1.0, (block[0] & 0xff) - 127);
    }
}
