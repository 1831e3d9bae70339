package tilewright.compiler.codes;

import java.util.Arrays;

/**
 * Second moments of the inputs of a matrix over calibration tokens: the blocks on the diagonal of {@code X^T X / n}.
 *
 * <p>Block k covers the inputs k * block to (k + 1) * block - 1, the last one perhaps fewer; {@code values} holds the blocks one
 * after the other, each square and row-major. A block of 1 is the plain diagonal, one of {@code width} the full matrix.
 *
 * @param width inputs of the matrix
 * @param block inputs of a block, 1 to {@code width}
 * @param samples tokens over which the mean was taken (0: nothing is known, and all values are 0)
 * @param values means of products of two inputs
 */
public record InputMoments(int width, int block, long samples, float[] values) {
    /**
     * Checks that the values have the blocks' length and are finite, with none on the diagonal below 0.
     *
     * @throws IllegalArgumentException naming the place and the value if not
     */
    public InputMoments {
        if (width < 1 || block < 1 || block > width || samples < 0) {
            throw new IllegalArgumentException("moments of " + width + " inputs in blocks of " + block + " over "
                    + samples + " samples, expected a block of 1 to " + Math.max(1, width) + " and no negative number");
        }
        if (values.length != length(width, block)) {
            throw new IllegalArgumentException("moments of " + width + " inputs in blocks of " + block + " have "
                    + values.length + " values, expected " + length(width, block));
        }
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        "second moment " + i + " is " + values[i] + ", expected a finite number");
            }
        }
        for (int i = 0; i < width; i++) {
            float value = values[(int) index(width, block, i, i)];
            if (value < 0) {
                throw new IllegalArgumentException(
                        "second moment of input " + i + " is " + value + ", expected no negative number");
            }
        }
    }

    /** Values that blocks of this size have together. */
    public static long length(int width, int block) {
        long rest = width % block;
        return (long) (width / block) * block * block + rest * rest;
    }

    /** The mean product of two inputs; 0 where they are in different blocks. */
    public float value(int i, int j) {
        return i / block == j / block ? values[(int) index(width, block, i, j)] : 0;
    }

    /** The mean square of each input. */
    public float[] diagonal() {
        float[] diagonal = new float[width];
        for (int i = 0; i < width; i++) {
            diagonal[i] = values[(int) index(width, block, i, i)];
        }
        return diagonal;
    }

    /**
     * These moments drawn towards those of more tokens, as if {@code prior} samples of those had been seen as well:
     * {@code (samples * these + prior * pooled) / (samples + prior)}.
     *
     * @param pooled of the same width; of the same or larger blocks, of which only what lies within these blocks counts
     * @param prior positive
     */
    public InputMoments towards(InputMoments pooled, long prior) {
        if (pooled.width != width || pooled.block % block != 0 && pooled.block != width || prior < 1) {
            throw new IllegalArgumentException(
                    "moments of " + width + " inputs in blocks of " + block + " and of " + prior + " samples of "
                            + pooled.width + " in blocks of " + pooled.block + ", expected the same inputs");
        }
        float[] drawn = values.clone();
        double own = samples / (double) (samples + prior);
        for (int i = 0; i < width; i++) {
            int first = i / block * block;
            for (int j = first; j < Math.min(width, first + block); j++) {
                int at = (int) index(width, block, i, j);
                drawn[at] = (float) (own * values[at] + (1 - own) * pooled.value(i, j));
            }
        }
        return new InputMoments(width, block, samples + prior, drawn);
    }

    /** A rectangular index in the concatenated blocks; both inputs lie in the same block. */
    private static long index(int width, int block, int i, int j) {
        long first = (long) (i / block) * block;
        long side = Math.min(block, width - first);
        return first * block + (i - first) * side + (j - first);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof InputMoments moments
                && width == moments.width
                && block == moments.block
                && samples == moments.samples
                && Arrays.equals(values, moments.values);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + block) + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "moments of " + width + " inputs in blocks of " + block + " over " + samples + " samples";
    }
}
