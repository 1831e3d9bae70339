package tilewright.model.format;

/**
 * F8_E4M3 and F8_E5M2: the 8-bit floats of the OCP specification (OFP8, revision 1.0), rounded to nearest even.
 *
 * <p>Finite values beyond the largest number become the largest number. E4M3 has no infinity: infinite values become NaN.
 */
final class Float8 extends ArrayCodec {
    private final int fractionBits;
    private final float[] values = new float[256];
    private final int largest;

    /** The format with so many exponent bits; 4 means E4M3 without infinity, 5 means E5M2 as IEEE 754 has it. */
    Float8(int exponentBits) {
        super(1, 1);
        fractionBits = 7 - exponentBits;
        boolean infinity = exponentBits == 5;
        largest = infinity ? 0x7b : 0x7e;
        int bias = (1 << exponentBits - 1) - 1;
        for (int code = 0; code < 128; code++) {
            int exponent = code >> fractionBits;
            int fraction = code & (1 << fractionBits) - 1;
            float magnitude = exponent == 0
                    ? Math.scalb((float) fraction, 1 - bias - fractionBits)
                    : Math.scalb((float) (fraction + (1 << fractionBits)), exponent - bias - fractionBits);
            if (code > largest) {
                magnitude = infinity && fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
            }
            values[code] = magnitude;
            values[code + 128] = -magnitude;
        }
    }

    @Override
    void decodeBlock(byte[] block, int p, float[] decoded, int at) {
        decoded[at] = values[block[p] & 0xff];
    }

    @Override
    void encodeBlock(float[] source, int at, byte[] block, int p) {
        float value = source[at];
        int sign = Float.floatToRawIntBits(value) >>> 24 & 0x80;
        float magnitude = Math.abs(value);
        if (Float.isNaN(magnitude)) {
            block[p] = (byte) (sign | 0x7f);
        } else if (Float.isInfinite(magnitude)) {
            block[p] = (byte) (sign | (largest == 0x7b ? 0x7c : 0x7f));
        } else {
            block[p] = (byte) (sign | code(magnitude));
        }
    }

    /** The code of the nearest number; codes of positive numbers ascend with them. */
    private int code(float magnitude) {
        int least = 0;
        int most = largest;
        while (most - least > 1) {
            int middle = least + most >>> 1;
            if (values[middle] <= magnitude) {
                least = middle;
            } else {
                most = middle;
            }
        }
        double below = (double) magnitude - values[least];
        double above = (double) values[most] - magnitude;
        return above < below || above == below && most % 2 == 0 ? most : least;
    }

    @Override
    double maxError(byte[] block) {
        int code = block[0] & 0x7f;
        if (code > largest) {
            return Double.NaN;
        }
        int exponent = Math.max(code >> fractionBits, 1);
        return (values[(exponent << fractionBits) + 1] - values[exponent << fractionBits]) / 2.0;
    }
}
