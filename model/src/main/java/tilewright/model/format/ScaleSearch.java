package tilewright.model.format;

/**
 * Finds the scale, or scale and minimum, with which a group of values is rounded with the least weighted squared error.
 *
 * <p>Each candidate scale assigns codes; given the codes, the best scale is the solution of a least-squares problem in one or
 * two unknowns. This is the method of the reference quantiser of GGUF's K formats.
 */
final class ScaleSearch {
    /** Groups without a larger magnitude count as zero. */
    static final float NEGLIGIBLE = 1e-15f;

    private static final int SYMMETRIC_STEPS = 9;
    private static final int DESCENT_ROUNDS = 5;

    /** How far a search goes: the range is divided into start + step * i + most parts, for i from 0 to steps. */
    record Candidates(float start, float step, int steps) {}

    /** How many values a group has, and the largest code. */
    private final int size;

    private final int most;
    private final int[] codes;

    /** A minimum that is to be subtracted; set by {@link #affine}. */
    private float minimum;

    /** Scratch for groups of one size. */
    ScaleSearch(int size, int most) {
        this.size = size;
        this.most = most;
        codes = new int[size];
    }

    /**
     * The scale for codes {@code -limit .. limit - 1}, where limit is half of the number of codes; may be negative.
     *
     * <p>Values are weighted by their squares. The value of largest magnitude gets a code about {@code -limit}.
     */
    static float symmetric(float[] values, int at, int size, int limit) {
        float extreme = extreme(values, at, size);
        if (Math.abs(extreme) < NEGLIGIBLE) {
            return 0;
        }
        float scale = 0;
        float best = 0;
        for (int i = 0; i <= 2 * SYMMETRIC_STEPS; i++) {
            int step = i == 0 ? 0 : i <= SYMMETRIC_STEPS ? i - SYMMETRIC_STEPS - 1 : i - SYMMETRIC_STEPS;
            float inverse = -(limit + 0.1f * step) / extreme;
            float products = 0;
            float squares = 0;
            for (int j = 0; j < size; j++) {
                float value = values[at + j];
                int code = ArrayCodec.clamp(ArrayCodec.nearest(inverse * value), -limit, limit - 1);
                float weight = value * value;
                products += weight * value * code;
                squares += weight * code * code;
            }
            if (squares > 0 && (i == 0 || products * products > best * squares)) {
                scale = products / squares;
                best = scale * products;
            }
        }
        return scale;
    }

    /**
     * The scale for codes {@code -limit .. limit - 1} by descent: one value after another takes the code that is best for the
     * scale of the others, until none changes or after five rounds. May be negative; values are weighted by their squares.
     */
    static float descent(float[] values, int at, int size, int limit) {
        float extreme = extreme(values, at, size);
        if (Math.abs(extreme) < NEGLIGIBLE) {
            return 0;
        }
        int[] codes = new int[size];
        float products = 0;
        float squares = 0;
        for (int i = 0; i < size; i++) {
            float value = values[at + i];
            codes[i] = ArrayCodec.clamp(ArrayCodec.nearest(-limit / extreme * value), -limit, limit - 1);
            products += value * value * value * codes[i];
            squares += value * value * codes[i] * codes[i];
        }
        boolean changed = true;
        for (int round = 0; changed && round < DESCENT_ROUNDS; round++) {
            changed = false;
            for (int i = 0; i < size; i++) {
                float value = values[at + i];
                float weight = value * value;
                float otherProducts = products - weight * value * codes[i];
                float otherSquares = squares - weight * codes[i] * codes[i];
                if (otherProducts <= 0) {
                    continue;
                }
                int code =
                        ArrayCodec.clamp(ArrayCodec.nearest(value * otherSquares / otherProducts), -limit, limit - 1);
                otherProducts += weight * value * code;
                otherSquares += weight * code * code;
                boolean better = otherProducts * otherProducts * squares > products * products * otherSquares;
                if (code != codes[i] && otherSquares > 0 && better) {
                    codes[i] = code;
                    products = otherProducts;
                    squares = otherSquares;
                    changed = true;
                }
            }
        }
        return squares > 0 ? products / squares : 0;
    }

    /** The value of largest magnitude, the first of several. */
    static float extreme(float[] values, int at, int size) {
        float extreme = 0;
        for (int j = 0; j < size; j++) {
            if (Math.abs(values[at + j]) > Math.abs(extreme)) {
                extreme = values[at + j];
            }
        }
        return extreme;
    }

    /**
     * The scale for codes {@code 0 .. most} and the {@link #minimum()} to be subtracted, both at least 0.
     *
     * @param weights of the values, from index 0 on
     * @param absolute whether candidates are compared by absolute instead of squared error
     */
    float affine(float[] values, int at, float[] weights, Candidates candidates, boolean absolute) {
        float least = values[at];
        float largest = values[at];
        float sumWeights = 0;
        float sumValues = 0;
        for (int i = 0; i < size; i++) {
            float value = values[at + i];
            least = Math.min(least, value);
            largest = Math.max(largest, value);
            sumWeights += weights[i];
            sumValues += weights[i] * value;
        }
        least = Math.min(least, 0);
        if (largest == least) {
            minimum = -least;
            return 0;
        }
        float scale = 1 / (most / (largest - least));
        float offset = least;
        assign(values, at, most / (largest - least), least);
        float best = error(values, at, weights, scale, offset, absolute);
        for (int step = 0; step <= candidates.steps(); step++) {
            // From the best offset so far on, as the reference does.
            float steps = candidates.start() + candidates.step() * step + most;
            assign(values, at, steps / (largest - offset), offset);
            float sumCodes = 0;
            float sumSquares = 0;
            float sumProducts = 0;
            for (int i = 0; i < size; i++) {
                sumCodes += weights[i] * codes[i];
                sumSquares += weights[i] * codes[i] * codes[i];
                sumProducts += weights[i] * codes[i] * values[at + i];
            }
            float determinant = sumWeights * sumSquares - sumCodes * sumCodes;
            if (determinant > 0) {
                float thisScale = (sumWeights * sumProducts - sumValues * sumCodes) / determinant;
                float thisOffset = (sumSquares * sumValues - sumCodes * sumProducts) / determinant;
                if (thisOffset > 0) {
                    thisOffset = 0;
                    thisScale = sumProducts / sumSquares;
                }
                float error = error(values, at, weights, thisScale, thisOffset, absolute);
                if (error < best) {
                    best = error;
                    scale = thisScale;
                    offset = thisOffset;
                }
            }
        }
        minimum = -offset;
        return scale;
    }

    /** The minimum that belongs to the scale that {@link #affine} gave last. */
    float minimum() {
        return minimum;
    }

    private void assign(float[] values, int at, float inverse, float least) {
        for (int i = 0; i < size; i++) {
            codes[i] = ArrayCodec.clamp(ArrayCodec.nearest(inverse * (values[at + i] - least)), 0, most);
        }
    }

    private float error(float[] values, int at, float[] weights, float scale, float offset, boolean absolute) {
        float sum = 0;
        for (int i = 0; i < size; i++) {
            float difference = scale * codes[i] + offset - values[at + i];
            sum += weights[i] * (absolute ? Math.abs(difference) : difference * difference);
        }
        return sum;
    }
}
