package tilewright.model.format;

/** The 16 values of IQ4_NL and IQ4_XS, denser about 0, and rounding to them. */
final class CodeTable {
    private static final byte[] VALUES = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    /** The widest gap, from 89 to 113. */
    static final int WIDEST_GAP = 24;

    private static final int STEPS = 7;
    /** The nearest code by {@code floor(2 x) + 254}: values change over at multiples of one half. */
    private static final byte[] NEAREST = nearestCodes();

    private CodeTable() {}

    private static byte[] nearestCodes() {
        byte[] codes = new byte[2 * (VALUES[VALUES.length - 1] - VALUES[0]) + 1];
        int code = 0;
        for (int i = 0; i < codes.length; i++) {
            int doubled = i + 2 * VALUES[0];
            while (code < VALUES.length - 1 && doubled >= VALUES[code] + VALUES[code + 1]) {
                code++;
            }
            codes[i] = (byte) code;
        }
        return codes;
    }

    /** The value of a code 0 to 15. */
    static int value(int code) {
        return VALUES[code];
    }

    /** The code of the nearest value, the upper one of two. */
    static int nearest(float x) {
        double clamped = Math.max(VALUES[0], Math.min(VALUES[VALUES.length - 1], x));
        return NEAREST[(int) Math.floor(2 * clamped) - 2 * VALUES[0]];
    }

    /** The scale with the least squared error, values weighted by their squares; see {@link ScaleSearch}. */
    static float scale(float[] values, int at, int size) {
        float extreme = ScaleSearch.extreme(values, at, size);
        if (Math.abs(extreme) < ScaleSearch.NEGLIGIBLE) {
            return 0;
        }
        float scale = 0;
        float best = 0;
        for (int i = -STEPS - 1; i <= STEPS; i++) {
            float inverse = i < -STEPS ? -VALUES[0] / extreme : (i + VALUES[0]) / extreme;
            float products = 0;
            float squares = 0;
            for (int j = 0; j < size; j++) {
                float value = values[at + j];
                int code = VALUES[nearest(inverse * value)];
                float weight = value * value;
                products += weight * code * value;
                squares += weight * code * code;
            }
            if (squares > 0 && products * products > best * squares) {
                scale = products / squares;
                best = scale * products;
            }
        }
        return scale;
    }
}
