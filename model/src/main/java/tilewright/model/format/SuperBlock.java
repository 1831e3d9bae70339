package tilewright.model.format;

/** What GGUF's K formats share: blocks of 256 with a binary16 scale of small integer scales, one per group of 16 or 32. */
abstract class SuperBlock extends ArrayCodec {
    /** Elements of a block. */
    static final int ELEMENTS = 256;

    SuperBlock(int blockBytes) {
        super(ELEMENTS, blockBytes);
    }

    /** The number of largest magnitude, the first of several. */
    static float extreme(float[] numbers) {
        return ScaleSearch.extreme(numbers, 0, numbers.length);
    }

    /** The largest number, at least 0. */
    static float largest(float[] numbers) {
        float largest = 0;
        for (float number : numbers) {
            largest = Math.max(largest, number);
        }
        return largest;
    }

    /** Codes {@code 0 .. most} of a group for a scale that is not 0 and a minimum to be subtracted. */
    static void round(float[] values, int at, int size, float scale, float minimum, int most, int[] codes, int to) {
        for (int i = 0; i < size; i++) {
            codes[to + i] = clamp(nearest((values[at + i] + minimum) / scale), 0, most);
        }
    }

    /** Codes {@code 0 .. 2 * limit - 1} of a group for a scale that is not 0; {@code limit} stands for 0. */
    static void roundSigned(float[] values, int at, int size, float scale, int limit, int[] codes, int to) {
        for (int i = 0; i < size; i++) {
            codes[to + i] = clamp(nearest(values[at + i] / scale), -limit, limit - 1) + limit;
        }
    }
}
