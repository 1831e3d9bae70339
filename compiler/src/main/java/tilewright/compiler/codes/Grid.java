package tilewright.compiler.codes;

import tilewright.model.InvalidInputException;
import tilewright.model.format.GroupedCodes;

/**
 * Grouped codes in the making: the values that a scale byte and a zero byte can stand for, and the rounding to them.
 *
 * <p>The unit is such that the widest group of the matrix, spread over all codes, gets a scale in the highest octave of the scale
 * byte; scales then reach down to 2^-15 of it with 4 to 5 significant bits.
 */
final class Grid {
    final int bits;
    final int rows;
    final int width;
    final int groups;
    /** The highest code. */
    final int top;

    final float unit;
    final byte[] scales;
    final byte[] zeros;
    final byte[] codes;

    private Grid(int bits, int rows, int width, float unit) {
        this.bits = bits;
        this.rows = rows;
        this.width = width;
        this.groups = GroupedCodes.groups(width);
        this.top = (1 << bits) - 1;
        this.unit = unit;
        scales = new byte[rows * groups];
        zeros = new byte[rows * groups];
        codes = new byte[rows * width];
    }

    /** A grid whose scales fit a matrix; refuses weights that are not finite. */
    static Grid of(float[] weights, int rows, int width, int bits, InputMoments moments) {
        if (!GroupedCodes.isWidth(bits)) {
            throw new IllegalArgumentException("codes of " + bits + " bits, expected 2, 3, 4, 5, 6 or 8");
        }
        if (rows < 1 || width < 1 || (long) rows * width != weights.length) {
            throw new IllegalArgumentException(weights.length + " weights, expected " + rows + " x " + width);
        }
        if (moments != null && moments.width() != width) {
            throw new IllegalArgumentException(moments + " for a matrix of " + width + " inputs");
        }
        float greatest = 0;
        for (int i = 0; i < weights.length; i++) {
            float weight = weights[i];
            if (!Float.isFinite(weight)) {
                throw new InvalidInputException("weight [" + i / width + ", " + i % width + "] is " + weight
                        + ", expected a finite number; is the checkpoint damaged?");
            }
            greatest = Math.max(greatest, Math.abs(weight));
        }
        // The widest group spans at most twice the greatest weight. A highest scale of 31 * 2^15 units covers that.
        int top = (1 << bits) - 1;
        float unit = (float) (2.0 * greatest / top / (31 << 15));
        return new Grid(bits, rows, width, Math.max(unit, Float.MIN_NORMAL));
    }

    GroupedCodes codes() {
        return new GroupedCodes(bits, rows, width, unit, scales, zeros, codes);
    }

    int first(int row, int group) {
        return row * width + group * GroupedCodes.GROUP;
    }

    int size(int group) {
        return Math.min(GroupedCodes.GROUP, width - group * GroupedCodes.GROUP);
    }

    /** The least scale byte whose scale is not below a value, 255 at most. */
    int scaleAbove(double scale) {
        double units = scale / unit;
        int octave = units < 32 ? 0 : Math.min(15, Math.getExponent(units) - 4);
        double mantissa = Math.ceil(units / (1 << octave)) - 16;
        return (int) Math.max(0, Math.min(255, octave * 16 + mantissa));
    }

    /** The zero byte nearest to a zero point in codes. */
    int zeroNearest(double zero) {
        return (int) Math.max(0, Math.min(255, Math.rint(zero * (1 << 8 - bits))));
    }

    /** Gives a group the scale and the zero point with which the codes just cover its weights and 0. */
    void span(float[] weights, int row, int group) {
        double least = 0;
        double greatest = 0;
        int first = first(row, group);
        for (int i = first; i < first + size(group); i++) {
            least = Math.min(least, weights[i]);
            greatest = Math.max(greatest, weights[i]);
        }
        int scale = scaleAbove((greatest - least) / top);
        int at = row * groups + group;
        scales[at] = (byte) scale;
        zeros[at] = (byte) zeroNearest(-least / GroupedCodes.scale(unit, scales[at]));
    }

    /** Rounds a group's weights to the nearest values of its scale and zero point; a tie goes to the even code. */
    void round(float[] weights, int row, int group) {
        int at = row * groups + group;
        double inverse = 1.0 / GroupedCodes.scale(unit, scales[at]);
        double zero = GroupedCodes.zero(bits, zeros[at]);
        int first = first(row, group);
        for (int i = first; i < first + size(group); i++) {
            codes[i] = (byte) Math.max(0, Math.min(top, Math.rint(weights[i] * inverse + zero)));
        }
    }
}
