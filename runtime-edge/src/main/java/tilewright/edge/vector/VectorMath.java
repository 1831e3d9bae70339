package tilewright.edge.vector;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Elementary functions on vectors, accurate to a few units in the last place of float32; NaN stays NaN.
 *
 * <p>The polynomials are minimax fits made for this file (weighted least squares, 30 digits).
 */
public final class VectorMath {
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());

    /** Added to a small number, it rounds it to an integer that stands in the low bits. */
    private static final float ROUNDER = 0x1.8p23f;

    private static final float LOG2_E = 1.44269504f;
    /** ln 2 in two pieces: the high one has few enough bits that its product with an exponent is exact. */
    private static final float LN2_HIGH = 0.693359375f;

    private static final float LN2_LOW = -2.12194440e-4f;

    /** Below it exp is not a normal float32. */
    private static final float EXP_MIN = -87.3f;
    /** Above it exp overflows. */
    private static final float EXP_MAX = 88.3f;

    private VectorMath() {}

    /** e^x, with x limited to -87.3 .. 88.3; relative error at most 2e-7. */
    public static FloatVector exp(FloatVector x) {
        FloatVector limited = x.max(EXP_MIN).min(EXP_MAX);
        FloatVector shifted = limited.fma(vector(LOG2_E), vector(ROUNDER));
        FloatVector exponent = shifted.sub(ROUNDER);
        FloatVector r = exponent.fma(vector(-LN2_HIGH), limited);
        r = exponent.fma(vector(-LN2_LOW), r);
        FloatVector p = vector(0.0013814616f);
        p = p.fma(r, vector(0.0083687114f));
        p = p.fma(r, vector(0.0416683874f));
        p = p.fma(r, vector(0.1666652068f));
        p = p.fma(r, vector(0.4999999345f));
        p = p.fma(r.mul(r), r).add(1f);
        IntVector power =
                shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(0x3f800000);
        return p.mul(power.reinterpretAsFloats());
    }

    /** x / (1 + e^(-slope x)): SiLU for slope 1. */
    public static FloatVector silu(FloatVector x, float slope) {
        return x.div(exp(x.mul(-slope)).add(1f));
    }

    /** GELU's approximation with tanh; 0.5 x (1 + tanh u) is x / (1 + e^(-2u)). */
    static FloatVector geluTanh(FloatVector x) {
        FloatVector cubic = x.mul(x).fma(vector(0.044715f), vector(1f));
        return x.div(exp(x.mul(cubic).mul(-1.5957691f)).add(1f));
    }

    /**
     * x Phi(x), absolute error at most 4e-7 for |x| up to 6 and relative error at most 1e-6 everywhere above -13.
     *
     * <p>Phi(-|x|) is e^(-x^2/2) times a polynomial in t = 1 / (1 + p |x|), the form of Hastings (1955) with more terms.
     */
    static FloatVector gelu(FloatVector x) {
        FloatVector size = x.abs();
        FloatVector t = vector(1f).div(size.fma(vector(0.23164189f), vector(1f)));
        FloatVector p = vector(-0.14381513f);
        p = p.fma(t, vector(0.5078327f));
        p = p.fma(t, vector(-0.42498344f));
        p = p.fma(t, vector(0.47062903f));
        p = p.fma(t, vector(0.016380761f));
        p = p.fma(t, vector(0.20855342f));
        p = p.fma(t, vector(0.18032609f));
        p = p.fma(t, vector(0.18507652f)).mul(t);
        FloatVector tail = p.mul(exp(size.mul(size).mul(-0.5f))).mul(size).mul(0.5f);
        return x.max(0f).sub(tail);
    }

    /** tanh x: an odd polynomial near zero, where the quotient of exponentials would cancel. */
    public static FloatVector tanh(FloatVector x) {
        FloatVector square = x.mul(x);
        FloatVector p = vector(-0.005704941f);
        p = p.fma(square, vector(0.020639048f));
        p = p.fma(square, vector(-0.053739704f));
        p = p.fma(square, vector(0.13331442f));
        p = p.fma(square, vector(-0.33333282f));
        FloatVector near = p.mul(square).fma(x, x);
        FloatVector e = exp(x.abs().mul(-2f));
        FloatVector far = vector(1f).sub(e).div(e.add(1f));
        FloatVector signed = far.lanewise(VectorOperators.NEG, x.lt(0f));
        return signed.blend(near, square.lt(0.390625f));
    }

    /** 1 / (1 + e^-x). */
    public static FloatVector sigmoid(FloatVector x) {
        return vector(1f).div(exp(x.neg()).add(1f));
    }

    /** ln(1 + e^x) as max(x, 0) + ln(1 + t), t = e^-|x|; the logarithm is 2 artanh(t / (2 + t)), whose series ends at power 13. */
    public static FloatVector softplus(FloatVector x) {
        FloatVector t = exp(x.abs().neg());
        FloatVector s = t.div(t.add(2f));
        FloatVector square = s.mul(s);
        FloatVector p = vector(2f / 13);
        p = p.fma(square, vector(2f / 11));
        p = p.fma(square, vector(2f / 9));
        p = p.fma(square, vector(2f / 7));
        p = p.fma(square, vector(2f / 5));
        p = p.fma(square, vector(2f / 3));
        p = p.fma(square, vector(2f));
        return x.max(0f).add(p.mul(s));
    }

    /**
     * Replaces scores by {@code e^(score - max)}, max being the largest score, and returns their sum.
     *
     * <p>The row has room for whole vectors: what lies between {@code count} and the next multiple of the vector length is
     * overwritten.
     *
     * @param count at least 1
     * @param lanes room for the lanes of a vector from {@code lanesAt}
     */
    public static float exponentials(float[] scores, int from, int count, float[] lanes, int lanesAt) {
        int to = from + Math.ceilDiv(count, LANES) * LANES;
        Arrays.fill(scores, from + count, to, Float.NEGATIVE_INFINITY);
        FloatVector most = vector(Float.NEGATIVE_INFINITY);
        for (int i = from; i < to; i += LANES) {
            most = most.max(FloatVector.fromArray(SPECIES, scores, i));
        }
        float max = most.reduceLanes(VectorOperators.MAX);
        FloatVector sum = vector(0f);
        for (int i = from; i < to; i += LANES) {
            FloatVector e = exp(FloatVector.fromArray(SPECIES, scores, i).sub(max));
            e.intoArray(scores, i);
            sum = sum.add(e);
        }
        sum.intoArray(lanes, lanesAt);
        return sum(lanes, lanesAt, LANES);
    }

    /**
     * The sum of some elements, in their order.
     *
     * <p>The library's reduction of a vector adds floats in any order, another one once it is compiled, so its results would
     * change from run to run; storing the lanes and adding them here does not.
     */
    public static float sum(float[] values, int from, int count) {
        float sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += values[i];
        }
        return sum;
    }

    private static FloatVector vector(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }
}
