package tilewright.edge.language;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import tilewright.edge.matrix.NativeLoops;
import tilewright.edge.vector.ActivationLoops;
import tilewright.edge.vector.VectorMath;
import tilewright.model.graph.Activation;

/**
 * Loops over {@code count} neighbouring elements; operands and result may be the same place.
 *
 * <p>Sums run in a fixed order, so that equal operands give equal results. Where there is native code, it does the same.
 */
final class ElementLoops {
    /** Whether loops run in C, where results are the same; a test of the loops in Java turns it off. */
    static boolean nativeLoops = NativeLoops.available();

    private ElementLoops() {}

    /** {@code out = x + y}. */
    static void add(float[] x, int xAt, float[] y, int yAt, float[] out, int at, int count) {
        if (nativeLoops) {
            NativeLoops.add(x, xAt, y, yAt, out, at, count);
            return;
        }
        int i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i)
                    .add(FloatVector.fromArray(SPECIES, y, yAt + i))
                    .intoArray(out, at + i);
        }
        for (; i < count; i++) {
            out[at + i] = x[xAt + i] + y[yAt + i];
        }
    }

    /** {@code out = x * y}. */
    static void multiply(float[] x, int xAt, float[] y, int yAt, float[] out, int at, int count) {
        if (nativeLoops) {
            NativeLoops.multiply(x, xAt, y, yAt, out, at, count);
            return;
        }
        int i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i)
                    .mul(FloatVector.fromArray(SPECIES, y, yAt + i))
                    .intoArray(out, at + i);
        }
        for (; i < count; i++) {
            out[at + i] = x[xAt + i] * y[yAt + i];
        }
    }

    /** {@code out = x * factor}. */
    static void scale(float[] x, int xAt, float factor, float[] out, int at, int count) {
        if (nativeLoops) {
            NativeLoops.scale(x, xAt, factor, out, at, count);
            return;
        }
        int i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i).mul(factor).intoArray(out, at + i);
        }
        for (; i < count; i++) {
            out[at + i] = x[xAt + i] * factor;
        }
    }

    /** {@code out = out + x * factor}, rounded once. */
    static void addScaled(float[] x, int xAt, float factor, float[] out, int at, int count) {
        if (nativeLoops) {
            NativeLoops.addScaled(x, xAt, factor, out, at, count);
            return;
        }
        int i = 0;
        FloatVector factors = FloatVector.broadcast(SPECIES, factor);
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i)
                    .fma(factors, FloatVector.fromArray(SPECIES, out, at + i))
                    .intoArray(out, at + i);
        }
        for (; i < count; i++) {
            out[at + i] = Math.fma(x[xAt + i], factor, out[at + i]);
        }
    }

    /** {@code out = out * factor + x}, rounded once. */
    static void rescaleAndAdd(float[] x, int xAt, float factor, float[] out, int at, int count) {
        if (nativeLoops) {
            NativeLoops.rescaleAndAdd(x, xAt, factor, out, at, count);
            return;
        }
        int i = 0;
        FloatVector factors = FloatVector.broadcast(SPECIES, factor);
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector.fromArray(SPECIES, out, at + i)
                    .fma(factors, FloatVector.fromArray(SPECIES, x, xAt + i))
                    .intoArray(out, at + i);
        }
        for (; i < count; i++) {
            out[at + i] = Math.fma(out[at + i], factor, x[xAt + i]);
        }
    }

    /** {@code out = kind(x)}. */
    static void activate(Activation kind, float[] x, int xAt, float[] out, int at, int count) {
        if (nativeLoops && kind == Activation.SILU) {
            NativeLoops.silu(x, xAt, 1, out, at, count);
        } else if (nativeLoops && kind == Activation.QUICK_GELU) {
            NativeLoops.silu(x, xAt, 1.702f, out, at, count);
        } else if (nativeLoops && kind == Activation.GELU_TANH) {
            NativeLoops.geluTanh(x, xAt, out, at, count);
        } else {
            ActivationLoops.apply(kind, x, xAt, out, at, count);
        }
    }

    /** {@code out = min(max(x, low), high)}. */
    static void clamp(float[] x, int xAt, float low, float high, float[] out, int at, int count) {
        for (int i = 0; i < count; i++) {
            out[at + i] = Math.min(Math.max(x[xAt + i], low), high);
        }
    }

    /** The sum of the elements. */
    static float sum(float[] x, int at, int count, float[] lanes) {
        FloatVector sums = FloatVector.zero(SPECIES);
        int whole = SPECIES.loopBound(count);
        for (int i = 0; i < whole; i += LANES) {
            sums = sums.add(FloatVector.fromArray(SPECIES, x, at + i));
        }
        if (whole < count) {
            sums = sums.add(FloatVector.fromArray(SPECIES, x, at + whole, SPECIES.indexInRange(whole, count)));
        }
        sums.intoArray(lanes, 0);
        return VectorMath.sum(lanes, 0, LANES);
    }

    /** The sum of {@code (x - mean)^2}. */
    static float squares(float[] x, int at, int count, float mean, float[] lanes) {
        if (nativeLoops) {
            return NativeLoops.squares(x, at, count, mean, lanes);
        }
        FloatVector sums = FloatVector.zero(SPECIES);
        int whole = SPECIES.loopBound(count);
        for (int i = 0; i < whole; i += LANES) {
            FloatVector centred = FloatVector.fromArray(SPECIES, x, at + i).sub(mean);
            sums = centred.fma(centred, sums);
        }
        if (whole < count) {
            VectorMask<Float> rest = SPECIES.indexInRange(whole, count);
            FloatVector centred =
                    FloatVector.fromArray(SPECIES, x, at + whole, rest).sub(mean);
            sums = sums.add(centred.mul(centred), rest);
        }
        sums.intoArray(lanes, 0);
        return VectorMath.sum(lanes, 0, LANES);
    }

    /** {@code out = (x - mean) * factor}. */
    static void centre(float[] x, int xAt, float mean, float factor, float[] out, int at, int count) {
        int i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i).sub(mean).mul(factor).intoArray(out, at + i);
        }
        for (; i < count; i++) {
            out[at + i] = (x[xAt + i] - mean) * factor;
        }
    }
}
