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
    /**
     * Adding this rounds a float between -2^22 and 2^22 to the nearest whole number, a tie to the even one. Limits are best set while
     * it is added: the order of positive floats is that of their bits, and a vector's whole numbers are compared by one instruction
     * where floats with their zeros and NaN take six. (What all inner loops spell out: a method that takes and returns vectors is not
     * always inlined, and then makes objects of them.)
     */
    static final float ROUND = 3 << 22;

    private static final int MANTISSA = 19;
    private static final int HALF = 1 << MANTISSA - 1;
    /** Scale byte 0 is the float 16. */
    private static final int FIRST = 127 + 4 << 4;

    private static final float LEAST = 16;
    private static final float MOST = 31 << 15;

    /** The bits of {@link #ROUND}, and with n added to them those of ROUND + n. */
    static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);
    /** Trajectories that go side by side: what one waits for, the other computes. */
    private static final int PAIR = 2;

    private static final int E = 0;
    private static final int EE = 1;
    private static final int C = 2;
    private static final int CC = 3;
    private static final int CE = 4;
    private static final int SUMS = 5;

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
    /** Where each descent begins, [starts * shifts][LANES]. */
    private final float[] firstScales;

    private final float[] firstZeros;
    /** Where two descents are, [PAIR][LANES]. */
    private final float[] scale = new float[PAIR * LANES];

    private final float[] zero = new float[PAIR * LANES];
    /** The best that each of these has met, [PAIR][LANES]. */
    private final float[] bestScales = new float[PAIR * LANES];

    private final float[] bestZeros = new float[PAIR * LANES];
    private final float[] bestErrors = new float[PAIR * LANES];
    /** Weighted sums over a group's codes c and what rounding to them left over, e: [PAIR][SUMS][LANES]. */
    private final float[] sums = new float[PAIR * SUMS * LANES];

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
        firstScales = new float[starts.length * shifts.length * LANES];
        firstZeros = new float[firstScales.length];
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
        float mass = 0;
        for (int i = 0; i < size; i++) {
            mass += importance[importanceAt + i];
        }
        begin(weights, at, size);
        Arrays.fill(errors, Float.POSITIVE_INFINITY);
        int descents = starts.length * shifts.length;
        for (int first = 0; first < descents; first += PAIR) {
            int second = Math.min(first + 1, descents - 1);
            System.arraycopy(firstScales, first * LANES, scale, 0, LANES);
            System.arraycopy(firstScales, second * LANES, scale, LANES, LANES);
            System.arraycopy(firstZeros, first * LANES, zero, 0, LANES);
            System.arraycopy(firstZeros, second * LANES, zero, LANES, LANES);
            descend(weights, at, size, importance, importanceAt, 1 / mass);
        }
    }

    /** Fills {@link #firstScales} and {@link #firstZeros}. */
    private void begin(float[] weights, int at, int size) {
        FloatVector low = FloatVector.zero(FLOATS);
        FloatVector high = low;
        for (int i = 0; i < size; i++) {
            FloatVector w = FloatVector.fromArray(FLOATS, weights, at + i * LANES);
            low = low.blend(w, w.lt(low));
            high = high.blend(w, high.lt(w));
        }
        FloatVector middle = low.add(high).mul(-0.5f);
        FloatVector range = high.sub(low).mul(1 / top);
        int to = 0;
        for (float start : starts) {
            FloatVector first = nearest(range.mul(start));
            FloatVector centred = middle.div(first).add(top / 2);
            for (float shift : shifts) {
                first.intoArray(firstScales, to);
                zero(centred.add(shift), zeroSteps).intoArray(firstZeros, to);
                to += LANES;
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

    /** Makes all fits of two descents, and keeps what is better than all before. */
    private void descend(float[] weights, int at, int size, float[] importance, int importanceAt, float perMass) {
        Arrays.fill(bestErrors, Float.POSITIVE_INFINITY);
        for (int fit = 0; fit < fits; fit++) {
            sum(weights, at, size, importance, importanceAt, ROUND, ROUND_BITS);
            keep(0);
            keep(1);
            step(0, perMass);
            step(1, perMass);
        }
        sumErrors(weights, at, size, importance, importanceAt, ROUND, ROUND_BITS);
        keep(0);
        keep(1);
        merge(0);
        merge(1);
    }

    /**
     * With t = w / scale + zero and c = round(t), all sums are of what rounding left over, e = t - c: exact where differences of
     * large sums would not be. The constants are arguments so that they stay in registers.
     */
    private void sum(float[] weights, int at, int size, float[] importance, int importanceAt, float round, int least) {
        int most = least + (int) top;
        FloatVector inverse0 = FloatVector.broadcast(FLOATS, 1).div(FloatVector.fromArray(FLOATS, scale, 0));
        FloatVector inverse1 = FloatVector.broadcast(FLOATS, 1).div(FloatVector.fromArray(FLOATS, scale, LANES));
        FloatVector zero0 = FloatVector.fromArray(FLOATS, zero, 0);
        FloatVector zero1 = FloatVector.fromArray(FLOATS, zero, LANES);
        FloatVector sumE0 = FloatVector.zero(FLOATS);
        FloatVector sumEE0 = sumE0;
        FloatVector sumC0 = sumE0;
        FloatVector sumCC0 = sumE0;
        FloatVector sumCE0 = sumE0;
        FloatVector sumE1 = sumE0;
        FloatVector sumEE1 = sumE0;
        FloatVector sumC1 = sumE0;
        FloatVector sumCC1 = sumE0;
        FloatVector sumCE1 = sumE0;
        for (int i = 0; i < size; i++) {
            FloatVector w = FloatVector.fromArray(FLOATS, weights, at + i * LANES);
            FloatVector d = FloatVector.broadcast(FLOATS, importance[importanceAt + i]);
            FloatVector t0 = w.fma(inverse0, zero0);
            FloatVector t1 = w.fma(inverse1, zero1);
            FloatVector c0 = t0.add(round)
                    .reinterpretAsInts()
                    .max(least)
                    .min(most)
                    .reinterpretAsFloats()
                    .sub(round);
            FloatVector c1 = t1.add(round)
                    .reinterpretAsInts()
                    .max(least)
                    .min(most)
                    .reinterpretAsFloats()
                    .sub(round);
            FloatVector e0 = t0.sub(c0);
            FloatVector e1 = t1.sub(c1);
            FloatVector de0 = d.mul(e0);
            FloatVector de1 = d.mul(e1);
            FloatVector dc0 = d.mul(c0);
            FloatVector dc1 = d.mul(c1);
            sumE0 = sumE0.add(de0);
            sumE1 = sumE1.add(de1);
            sumEE0 = de0.fma(e0, sumEE0);
            sumEE1 = de1.fma(e1, sumEE1);
            sumC0 = sumC0.add(dc0);
            sumC1 = sumC1.add(dc1);
            sumCC0 = dc0.fma(c0, sumCC0);
            sumCC1 = dc1.fma(c1, sumCC1);
            sumCE0 = de0.fma(c0, sumCE0);
            sumCE1 = de1.fma(c1, sumCE1);
        }
        sumE0.intoArray(sums, E * LANES);
        sumEE0.intoArray(sums, EE * LANES);
        sumC0.intoArray(sums, C * LANES);
        sumCC0.intoArray(sums, CC * LANES);
        sumCE0.intoArray(sums, CE * LANES);
        sumE1.intoArray(sums, (SUMS + E) * LANES);
        sumEE1.intoArray(sums, (SUMS + EE) * LANES);
        sumC1.intoArray(sums, (SUMS + C) * LANES);
        sumCC1.intoArray(sums, (SUMS + CC) * LANES);
        sumCE1.intoArray(sums, (SUMS + CE) * LANES);
    }

    /** Of {@link #sum} only the squared errors. */
    private void sumErrors(
            float[] weights, int at, int size, float[] importance, int importanceAt, float round, int least) {
        int most = least + (int) top;
        FloatVector inverse0 = FloatVector.broadcast(FLOATS, 1).div(FloatVector.fromArray(FLOATS, scale, 0));
        FloatVector inverse1 = FloatVector.broadcast(FLOATS, 1).div(FloatVector.fromArray(FLOATS, scale, LANES));
        FloatVector zero0 = FloatVector.fromArray(FLOATS, zero, 0);
        FloatVector zero1 = FloatVector.fromArray(FLOATS, zero, LANES);
        FloatVector sumEE0 = FloatVector.zero(FLOATS);
        FloatVector sumEE1 = sumEE0;
        for (int i = 0; i < size; i++) {
            FloatVector w = FloatVector.fromArray(FLOATS, weights, at + i * LANES);
            FloatVector d = FloatVector.broadcast(FLOATS, importance[importanceAt + i]);
            FloatVector t0 = w.fma(inverse0, zero0);
            FloatVector t1 = w.fma(inverse1, zero1);
            FloatVector c0 = t0.add(round)
                    .reinterpretAsInts()
                    .max(least)
                    .min(most)
                    .reinterpretAsFloats()
                    .sub(round);
            FloatVector c1 = t1.add(round)
                    .reinterpretAsInts()
                    .max(least)
                    .min(most)
                    .reinterpretAsFloats()
                    .sub(round);
            FloatVector e0 = t0.sub(c0);
            FloatVector e1 = t1.sub(c1);
            sumEE0 = d.mul(e0).fma(e0, sumEE0);
            sumEE1 = d.mul(e1).fma(e1, sumEE1);
        }
        sumEE0.intoArray(sums, EE * LANES);
        sumEE1.intoArray(sums, (SUMS + EE) * LANES);
    }

    /** Keeps where a descent is if that is better than where it was. */
    private void keep(int which) {
        int at = which * LANES;
        FloatVector now = FloatVector.fromArray(FLOATS, scale, at);
        FloatVector error = FloatVector.fromArray(FLOATS, sums, (which * SUMS + EE) * LANES)
                .mul(now)
                .mul(now);
        FloatVector least = FloatVector.fromArray(FLOATS, bestErrors, at);
        VectorMask<Float> better = error.lt(least);
        least.blend(error, better).intoArray(bestErrors, at);
        FloatVector.fromArray(FLOATS, bestScales, at).blend(now, better).intoArray(bestScales, at);
        FloatVector.fromArray(FLOATS, bestZeros, at)
                .blend(FloatVector.fromArray(FLOATS, zero, at), better)
                .intoArray(bestZeros, at);
    }

    /** Takes the best of a descent if it is better than that of all before. */
    private void merge(int which) {
        int at = which * LANES;
        FloatVector error = FloatVector.fromArray(FLOATS, bestErrors, at);
        FloatVector least = FloatVector.fromArray(FLOATS, errors, 0);
        VectorMask<Float> better = error.lt(least);
        least.blend(error, better).intoArray(errors, 0);
        FloatVector.fromArray(FLOATS, scales, 0)
                .blend(FloatVector.fromArray(FLOATS, bestScales, at), better)
                .intoArray(scales, 0);
        FloatVector.fromArray(FLOATS, zeros, 0)
                .blend(FloatVector.fromArray(FLOATS, bestZeros, at), better)
                .intoArray(zeros, 0);
    }

    /** Replaces a descent's scale and zero point by those that fit its codes best. */
    private void step(int which, float perMass) {
        int at = which * LANES;
        int from = which * SUMS * LANES;
        FloatVector now = FloatVector.fromArray(FLOATS, scale, at);
        FloatVector sumC = FloatVector.fromArray(FLOATS, sums, from + C * LANES);
        FloatVector meanC = sumC.mul(perMass);
        FloatVector meanE =
                FloatVector.fromArray(FLOATS, sums, from + E * LANES).mul(perMass);
        FloatVector variance =
                FloatVector.fromArray(FLOATS, sums, from + CC * LANES).sub(sumC.mul(meanC));
        FloatVector slope = FloatVector.fromArray(FLOATS, sums, from + CE * LANES)
                .sub(sumC.mul(meanE))
                .div(variance.max(1e-20f));
        slope = slope.blend(0, variance.lt(1e-6f / perMass)).max(-0.5f).min(1);
        FloatVector fitted = nearest(now.mul(slope.add(1)));
        FloatVector meanW = now.mul(meanC.add(meanE).sub(FloatVector.fromArray(FLOATS, zero, at)));
        zero(meanC.sub(meanW.div(fitted)), zeroSteps).intoArray(zero, at);
        fitted.intoArray(scale, at);
    }
}
