package tilewright.edge.vector;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import jdk.incubator.vector.FloatVector;
import tilewright.model.graph.Activation;

/** Activations over neighbouring elements: one loop per function, so that each compiles to straight vector code. */
public final class ActivationLoops {
    private ActivationLoops() {}

    /** Applies a function to {@code count} elements; {@code x} and {@code out} may be the same place. */
    public static void apply(Activation kind, float[] x, int xAt, float[] out, int outAt, int count) {
        int whole = SPECIES.loopBound(count);
        applyWhole(kind, x, xAt, out, outAt, whole);
        if (whole < count) {
            // A masked vector that meets a switch would be boxed.
            float[] rest = new float[LANES];
            System.arraycopy(x, xAt + whole, rest, 0, count - whole);
            applyWhole(kind, rest, 0, rest, 0, LANES);
            System.arraycopy(rest, 0, out, outAt + whole, count - whole);
        }
    }

    private static void applyWhole(Activation kind, float[] x, int xAt, float[] out, int outAt, int whole) {
        switch (kind) {
            case GELU_ERF -> gelu(x, xAt, out, outAt, whole);
            case GELU_TANH -> geluTanh(x, xAt, out, outAt, whole);
            case QUICK_GELU -> silu(x, xAt, out, outAt, whole, 1.702f);
            case SILU -> silu(x, xAt, out, outAt, whole, 1f);
            case RELU -> relu(x, xAt, out, outAt, whole);
            case TANH -> tanh(x, xAt, out, outAt, whole);
            case RELU_SQUARED -> reluSquared(x, xAt, out, outAt, whole);
            case SIGMOID -> sigmoid(x, xAt, out, outAt, whole);
            case SOFTPLUS -> softplus(x, xAt, out, outAt, whole);
        }
    }

    private static void gelu(float[] x, int xAt, float[] out, int outAt, int count) {
        for (int i = 0; i < count; i += LANES) {
            VectorMath.gelu(FloatVector.fromArray(SPECIES, x, xAt + i)).intoArray(out, outAt + i);
        }
    }

    private static void geluTanh(float[] x, int xAt, float[] out, int outAt, int count) {
        for (int i = 0; i < count; i += LANES) {
            VectorMath.geluTanh(FloatVector.fromArray(SPECIES, x, xAt + i)).intoArray(out, outAt + i);
        }
    }

    private static void silu(float[] x, int xAt, float[] out, int outAt, int count, float slope) {
        for (int i = 0; i < count; i += LANES) {
            VectorMath.silu(FloatVector.fromArray(SPECIES, x, xAt + i), slope).intoArray(out, outAt + i);
        }
    }

    private static void relu(float[] x, int xAt, float[] out, int outAt, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i).max(0f).intoArray(out, outAt + i);
        }
    }

    private static void tanh(float[] x, int xAt, float[] out, int outAt, int count) {
        for (int i = 0; i < count; i += LANES) {
            VectorMath.tanh(FloatVector.fromArray(SPECIES, x, xAt + i)).intoArray(out, outAt + i);
        }
    }

    private static void reluSquared(float[] x, int xAt, float[] out, int outAt, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector positive = FloatVector.fromArray(SPECIES, x, xAt + i).max(0f);
            positive.mul(positive).intoArray(out, outAt + i);
        }
    }

    private static void sigmoid(float[] x, int xAt, float[] out, int outAt, int count) {
        for (int i = 0; i < count; i += LANES) {
            VectorMath.sigmoid(FloatVector.fromArray(SPECIES, x, xAt + i)).intoArray(out, outAt + i);
        }
    }

    private static void softplus(float[] x, int xAt, float[] out, int outAt, int count) {
        for (int i = 0; i < count; i += LANES) {
            VectorMath.softplus(FloatVector.fromArray(SPECIES, x, xAt + i)).intoArray(out, outAt + i);
        }
    }
}
