package tilewright.model.format;

import java.util.Objects;

/**
 * A weight matrix [rows, width] in codes of 2 to 8 bits with a scale and a zero point for each group of 64 neighbours in a row.
 *
 * <p>Element i of a row, in group g = i / 64, has the value {@code s * (c - z)} with
 * <ul>
 *   <li>c its code, 0 to 2^bits - 1;
 *   <li>s = unit * (16 + (b mod 16)) * 2^(b / 16), b the group's scale byte, unsigned;
 *   <li>z = (zero byte, unsigned) / 2^(8 - bits), so that the zero point lies within the range of the codes.
 * </ul>
 * Everything but the product with {@code unit} is exact in float32. A group costs 16 bits beside its codes: bits + 0.25 bits per
 * weight where the width is a multiple of 64.
 *
 * <p>Codes are nested: without the low {@code bits - base} bits of each, the rest c' stands for the middle of the interval
 * that it covers, {@code s * (2^d * c' + (2^d - 1) / 2 - z)} with d = bits - base; see {@link #decode(int, int, float[], int)}.
 *
 * @param bits bits of a code: 2, 3, 4, 5, 6 or 8
 * @param rows outputs
 * @param width inputs
 * @param unit positive and finite
 * @param scales scale bytes [rows, groups]
 * @param zeros zero bytes [rows, groups]
 * @param codes codes [rows, width], one in a byte
 */
public record GroupedCodes(int bits, int rows, int width, float unit, byte[] scales, byte[] zeros, byte[] codes) {
    /** Elements of a row that share a scale and a zero point; the last group of a row may have fewer. */
    public static final int GROUP = 64;

    /**
     * Checks that arrays have the shapes' lengths and codes fit their bits.
     *
     * @throws IllegalArgumentException if not
     */
    public GroupedCodes {
        if (!isWidth(bits)) {
            throw new IllegalArgumentException("codes of " + bits + " bits, expected 2, 3, 4, 5, 6 or 8");
        }
        if (rows < 1 || width < 1 || !(unit > 0) || Float.isInfinite(unit)) {
            throw new IllegalArgumentException(
                    rows + " x " + width + " codes of unit " + unit + ", expected positive, finite numbers");
        }
        Objects.requireNonNull(scales);
        Objects.requireNonNull(zeros);
        long groups = (long) rows * groups(width);
        if (scales.length != groups || zeros.length != groups || codes.length != (long) rows * width) {
            throw new IllegalArgumentException(rows + " x " + width + " codes have " + scales.length + " scales, "
                    + zeros.length + " zeros and " + codes.length + " codes, expected " + groups + " of the first two");
        }
        for (int i = 0; i < codes.length; i++) {
            if ((codes[i] & 0xFF) >>> bits != 0) {
                throw new IllegalArgumentException(
                        "code " + i + " is " + (codes[i] & 0xFF) + ", expected less than " + (1 << bits));
            }
        }
    }

    /** Whether codes may have so many bits. */
    public static boolean isWidth(int bits) {
        return bits >= 2 && bits <= 6 || bits == 8;
    }

    /** Groups of a row. */
    public static int groups(int width) {
        return Math.ceilDiv(width, GROUP);
    }

    /** The bits of a code that are kept apart as its base and can be read without the rest: 2 below five bits, else 4. */
    public static int baseBits(int bits) {
        return bits <= 4 ? 2 : 4;
    }

    /** The scale that a scale byte stands for. */
    public static float scale(float unit, byte scale) {
        return unit * (16 + (scale & 15) << ((scale & 0xFF) >>> 4));
    }

    /** The zero point that a zero byte stands for. */
    public static float zero(int bits, byte zero) {
        return (zero & 0xFF) / (float) (1 << 8 - bits);
    }

    /** Decodes a row to {@code values} from index {@code at} on. */
    public void decode(int row, float[] values, int at) {
        decode(row, bits, values, at);
    }

    /**
     * Decodes a row from only the highest bits of its codes.
     *
     * @param kept how many bits of each code are known, 1 to {@link #bits()}
     */
    public void decode(int row, int kept, float[] values, int at) {
        Objects.checkIndex(row, rows);
        int dropped = bits - kept;
        float middle = ((1 << dropped) - 1) / 2f;
        int groups = groups(width);
        for (int i = 0; i < width; i++) {
            int group = row * groups + i / GROUP;
            int code = (codes[row * width + i] & 0xFF) >>> dropped << dropped;
            values[at + i] = scale(unit, scales[group]) * (code + middle - zero(bits, zeros[group]));
        }
    }
}
