package tilewright.compiler.codes;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import tilewright.model.format.GroupedCodes;

/**
 * Searches the scale and the zero point of groups whose weights, rounded, have the least weighted squared error.
 *
 * <p>As many groups as a vector has lanes go side by side, one per lane, all with the same importance of their inputs; weights
 * are in units of the scale ({@link GroupedCodes#unit()}), in which every scale is a whole number. From each of some scales
 * between that of the full range and ever narrower ones, it alternates between rounding the weights and fitting scale and zero
 * point to the codes by least squares (always within what the two bytes can express), and keeps the best that it met. No sum
 * crosses lanes, so the result does not depend on their number.
 *
 * <p>One object per thread.
 */
final class GroupSearch {
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    /** Groups searched side by side. */
    static final int LANES = FLOATS.length();
    /** Adding this rounds a float between -2^22 and 2^22 to the nearest whole number, a tie to the even one. */
    static final float ROUND = 3 << 22;

    private static final int MANTISSA = 19;
    private static final int HALF = 1 << MANTISSA - 1;
    /** Scale byte 0 is the float 16. */
    private static final int FIRST = 127 + 4 << 4;

    private static final float LEAST = 16;
    private static final float MOST = 31 << 15;

    /** The best scales found, in units. */
    final float[] scales = new float[LANES];
    /** The zero points that belong to them, in codes. */
    final float[] zeros = new float[LANES];
    /** The weighted squared errors with them, in units squared. */
    final float[] errors = new float[LANES];

    private final float top;
    private final float zeroSteps;
    private final float[] starts;
    private final float[] shifts;
    private final int fits;

    /**
     * A search for one bit-width.
     *
     * @param starts scales to start from, as fractions of the one that covers a group's range
     * @param shifts zero points to start from, in codes from the one that centres a group's range
     * @param fits least-squares fits from each
     */
    GroupSearch(int bits, float[] starts, float[] shifts, int fits) {
        this.top = (1 << bits) - 1;
        this.zeroSteps = 1 << 8 - bits;
        this.starts = starts.clone();
        this.shifts = shifts.clone();
        this.fits = fits;
    }

    /** The scale byte of a scale that {@link #search} found. */
    static byte scaleByte(float scale) {
        return (byte) ((Float.floatToRawIntBits(scale) >> MANTISSA) - FIRST);
    }

    /** The zero byte of a zero point that {@link #search} found. */
    byte zeroByte(float zero) {
        return (byte) (int) (zero * zeroSteps);
    }

    /**
     * Fills {@link #scales}, {@link #zeros} and {@link #errors}.
     *
     * @param weights in units, [size][LANES] from index {@code at} on
     * @param size weights of a group, 1 to 64
     * @param importance weight of each input's squared error, from index {@code importanceAt} on
     */
    void search(float[] weights, int at, int size, float[] importance, int importanceAt) {
        FloatVector low = FloatVector.zero(FLOATS);
        FloatVector high = low;
        float mass = 0;
        for (int i = 0; i < size; i++) {
            FloatVector w = FloatVector.fromArray(FLOATS, weights, at + i * LANES);
            low = low.min(w);
            high = high.max(w);
            mass += importance[importanceAt + i];
        }
        Arrays.fill(errors, Float.POSITIVE_INFINITY);
        float perMass = 1 / mass;
        FloatVector middle = low.add(high).mul(-0.5f);
        FloatVector range = high.sub(low).mul(1 / top);
        for (float start : starts) {
            FloatVector scale = nearest(range.mul(start));
            FloatVector centred = middle.div(scale).add(top / 2);
            for (float shift : shifts) {
                FloatVector zero = zero(centred.add(shift), zeroSteps);
                descend(scale, zero, weights, at, size, importance, importanceAt, perMass);
            }
        }
    }

    /** The scale that a byte can express nearest to each scale, the higher one where two are as near. */
    static FloatVector nearest(FloatVector scale) {
        return scale.max(LEAST)
                .min(MOST)
                .reinterpretAsInts()
                .add(HALF)
                .lanewise(VectorOperators.LSHR, MANTISSA)
                .lanewise(VectorOperators.LSHL, MANTISSA)
                .reinterpretAsFloats();
    }

    /** The scale so many scale bytes above, or the last one. */
    static FloatVector neighbour(FloatVector scale, int bytes) {
        return scale.reinterpretAsInts()
                .add(bytes << MANTISSA)
                .reinterpretAsFloats()
                .max(LEAST)
                .min(MOST);
    }

    /** The zero point that a byte can express nearest to each zero point. */
    static FloatVector zero(FloatVector zero, float zeroSteps) {
        return zero.mul(zeroSteps).max(0).min(255).add(ROUND).sub(ROUND).mul(1 / zeroSteps);
    }

    private void descend(
            FloatVector scale,
            FloatVector zero,
            float[] weights,
            int at,
            int size,
            float[] importance,
            int importanceAt,
            float perMass) {
        FloatVector bestScale = FloatVector.fromArray(FLOATS, scales, 0);
        FloatVector bestZero = FloatVector.fromArray(FLOATS, zeros, 0);
        FloatVector bestError = FloatVector.fromArray(FLOATS, errors, 0);
        for (int fit = 0; ; fit++) {
            // With t = w / scale + zero and c = round(t), all sums are of what rounding left over, e = t - c: exact
            // where
            // differences of large sums would not be.
            FloatVector inverse = FloatVector.broadcast(FLOATS, 1).div(scale);
            FloatVector sumE = FloatVector.zero(FLOATS);
            FloatVector sumEE = sumE;
            FloatVector sumC = sumE;
            FloatVector sumCC = sumE;
            FloatVector sumCE = sumE;
            for (int i = 0; i < size; i++) {
                FloatVector d = FloatVector.broadcast(FLOATS, importance[importanceAt + i]);
                FloatVector t =
                        FloatVector.fromArray(FLOATS, weights, at + i * LANES).fma(inverse, zero);
                FloatVector c = t.max(0).min(top).add(ROUND).sub(ROUND);
                FloatVector e = t.sub(c);
                FloatVector de = d.mul(e);
                FloatVector dc = d.mul(c);
                sumE = sumE.add(de);
                sumEE = de.fma(e, sumEE);
                sumC = sumC.add(dc);
                sumCC = dc.fma(c, sumCC);
                sumCE = de.fma(c, sumCE);
            }
            FloatVector error = sumEE.mul(scale).mul(scale);
            VectorMask<Float> better = error.lt(bestError);
            bestScale = bestScale.blend(scale, better);
            bestZero = bestZero.blend(zero, better);
            bestError = bestError.blend(error, better);
            if (fit == fits) {
                break;
            }
            FloatVector meanC = sumC.mul(perMass);
            FloatVector meanE = sumE.mul(perMass);
            FloatVector variance = sumCC.sub(sumC.mul(meanC));
            FloatVector slope = sumCE.sub(sumC.mul(meanE)).div(variance.max(1e-20f));
            slope = slope.blend(0, variance.lt(1e-6f / perMass)).max(-0.5f).min(1);
            FloatVector fitted = nearest(scale.mul(slope.add(1)));
            FloatVector meanW = scale.mul(meanC.add(meanE).sub(zero));
            zero = zero(meanC.sub(meanW.div(fitted)), zeroSteps);
            scale = fitted;
        }
        bestScale.intoArray(scales, 0);
        bestZero.intoArray(zeros, 0);
        bestError.intoArray(errors, 0);
    }
}
