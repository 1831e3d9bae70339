package tilewright.edge.matrix;

import java.util.Arrays;
import java.util.Objects;

/**
 * Activation rows as the kernels read them: made once per step, used by every matrix that these rows meet.
 *
 * <p>Reusable: {@link #resize} and then {@link #load} begin a new step. Loading disjoint rows from several threads is safe;
 * products may begin when all rows are loaded.
 */
public final class Activations {
    /** Elements of a sum of activations: the smallest sub-block of any layout. */
    static final int SUM = 16;
    /** Elements that share a scale when rounded to 8 bits. */
    static final int QUANTISED_BLOCK = 32;

    /** Rows are padded with zeros to a multiple of the largest block. */
    private static final int ALIGN = 256;
    /** What is smaller counts as 0 when rounded, since its inverse times 127 would not be finite. */
    private static final float NOTHING = 0x1p-121f;
    /** Keeps rows of a power of two apart in the cache. */
    private static final int GAP = 16;

    private int rows;
    private int width;
    private ActivationPrecision precision = ActivationPrecision.FLOAT;
    private boolean direct;
    private float[] values = new float[0];
    private float[] sums = new float[0];
    private int[] pairs = new int[0];
    private int[] pairSums = new int[0];
    private float[] scales = new float[0];
    private final ByteActivations bytes;

    /** No rows yet; for kernels in Java. Others have forms of their own: {@link MatrixKernels#activations()}. */
    public Activations() {
        this(null);
    }

    /** No rows yet; of rounded ones these bytes are the only form. */
    Activations(ByteActivations bytes) {
        this.bytes = bytes;
    }

    /** All rows of an array, loaded, for kernels in Java. */
    public static Activations of(float[] x, int at, int stride, int rows, int width, ActivationPrecision precision) {
        return of(VectorKernels.INSTANCE, x, at, stride, rows, width, precision);
    }

    /** All rows of an array, loaded, for these kernels. */
    public static Activations of(
            MatrixKernels kernels, float[] x, int at, int stride, int rows, int width, ActivationPrecision precision) {
        Activations activations = kernels.activations();
        activations.resize(rows, width, precision);
        activations.load(0, rows, x, at, stride);
        return activations;
    }

    /** Sets the size for the next rows; what was loaded before is lost. */
    public void resize(int rows, int width, ActivationPrecision precision) {
        resize(rows, width, precision, rows <= directRows(precision));
    }

    /**
     * As above.
     *
     * @param direct whether products of few of the rows will be asked for, which want the rows in a second form
     */
    void resize(int rows, int width, ActivationPrecision precision, boolean direct) {
        if (rows < 0 || width < 1) {
            throw new IllegalArgumentException(rows + " rows of " + width + " activations, expected at least 0 of 1");
        }
        this.rows = rows;
        this.width = width;
        this.precision = Objects.requireNonNull(precision);
        boolean rounded = bytes != null && precision == ActivationPrecision.INT8;
        this.direct = direct && !rounded;
        values = grown(values, Math.multiplyExact(rows, stride()));
        if (rounded) {
            bytes.resize(rows, paddedWidth());
        }
        if (this.direct) {
            sums = grown(sums, rows * sumStride());
            if (precision == ActivationPrecision.INT8) {
                pairs = pairs.length < rows * pairStride() ? new int[rows * pairStride()] : pairs;
                pairSums = pairSums.length < rows * sumStride() ? new int[rows * sumStride()] : pairSums;
                scales = grown(scales, rows * scaleStride());
            }
        }
    }

    private static float[] grown(float[] array, int length) {
        return array.length < length ? new float[length] : array;
    }

    /**
     * Loads rows {@code from .. to - 1}.
     *
     * @param at where row 0 (not row {@code from}) begins in {@code x}
     * @param stride from one row of {@code x} to the next
     */
    public void load(int from, int to, float[] x, int at, int stride) {
        Objects.checkFromToIndex(from, to, rows);
        for (int row = from; row < to; row++) {
            int to0 = row * stride();
            System.arraycopy(x, at + row * stride, values, to0, width);
            Arrays.fill(values, to0 + width, to0 + stride(), 0);
            if (bytes != null && precision == ActivationPrecision.INT8) {
                bytes.load(row, values, to0, paddedWidth());
            }
            if (direct) {
                if (precision == ActivationPrecision.INT8) {
                    quantise(row);
                } else {
                    sum(row);
                }
            }
        }
    }

    private void sum(int row) {
        int from = row * stride();
        int to = row * sumStride();
        for (int i = 0; i < sumStride(); i++, from += SUM) {
            float sum = 0;
            for (int j = 0; j < SUM; j++) {
                sum += values[from + j];
            }
            sums[to + i] = sum;
        }
    }

    /**
     * Rounds a row to 8 bits: scale = largest magnitude / 127 for each 32 elements.
     *
     * <p>Elements e and e + 2 (e mod 4 = 0, 1) become the halves of an integer, the order in which the kernels meet codes.
     */
    private void quantise(int row) {
        for (int block = 0; block < scaleStride(); block++) {
            int from = row * stride() + block * QUANTISED_BLOCK;
            float largest = 0;
            for (int i = 0; i < QUANTISED_BLOCK; i++) {
                largest = Math.max(largest, Math.abs(values[from + i]));
            }
            float scale = largest / 127;
            float inverse = largest < NOTHING ? 0 : 127 / largest;
            scales[row * scaleStride() + block] = scale;
            int pair = row * pairStride() + block * QUANTISED_BLOCK / 2;
            for (int half = 0; half < 2; half++) {
                int low = 0;
                int high = 0;
                for (int i = 0; i < SUM; i += 4) {
                    int q0 = round(values[from++] * inverse);
                    int q1 = round(values[from++] * inverse);
                    int q2 = round(values[from++] * inverse);
                    int q3 = round(values[from++] * inverse);
                    pairs[pair++] = q0 & 0xFFFF | q2 << 16;
                    pairs[pair++] = q1 & 0xFFFF | q3 << 16;
                    low += q0 + q1;
                    high += q2 + q3;
                }
                pairSums[row * sumStride() + 2 * block + half] = low & 0xFFFF | high << 16;
                sums[row * sumStride() + 2 * block + half] = (low + high) * scale;
            }
        }
    }

    /** To the nearest, ties to even; the argument is within +-127. */
    private static int round(float value) {
        return (int) Math.rint(value);
    }

    /** The number of rows. */
    public int rows() {
        return rows;
    }

    /** Elements of a row. */
    public int width() {
        return width;
    }

    /** The arithmetic that was asked for. */
    public ActivationPrecision precision() {
        return precision;
    }

    /** Up to this many rows the kernels work on weights as they are packed; beyond, they decode panels to float32 first. */
    static int directRows(ActivationPrecision precision) {
        return precision == ActivationPrecision.INT8 ? 8 : 4;
    }

    /** The form that native kernels read, or null where there is none. */
    ByteActivations bytes() {
        return bytes;
    }

    /** Whether the forms for products on packed weights are there. */
    boolean isDirect() {
        return direct;
    }

    /** Elements of a row with padding: whole blocks of every layout. */
    int paddedWidth() {
        return Math.ceilDiv(width, ALIGN) * ALIGN;
    }

    /** From one row of {@link #values()} to the next. */
    int stride() {
        return paddedWidth() + GAP;
    }

    /** From one row of {@link #sums()} and {@link #pairSums()} to the next. */
    int sumStride() {
        return paddedWidth() / SUM;
    }

    /** From one row of {@link #pairs()} to the next. */
    int pairStride() {
        return paddedWidth() / 2;
    }

    /** From one row of {@link #scales()} to the next. */
    int scaleStride() {
        return paddedWidth() / QUANTISED_BLOCK;
    }

    /** Rows of float32, padded with zeros. */
    float[] values() {
        return values;
    }

    /** Sums of 16 elements each, as rounded where activations are. */
    float[] sums() {
        return sums;
    }

    /** 8-bit values in pairs of 16-bit halves: elements 4i and 4i + 2, then 4i + 1 and 4i + 3. */
    int[] pairs() {
        return pairs;
    }

    /** Sums of the low and of the high halves of the pairs of 16 elements, as 16-bit halves. */
    int[] pairSums() {
        return pairSums;
    }

    /** What the 8-bit values of 32 elements are to be multiplied by. */
    float[] scales() {
        return scales;
    }
}
