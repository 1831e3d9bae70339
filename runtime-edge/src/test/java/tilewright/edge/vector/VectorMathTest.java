package tilewright.edge.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import tilewright.model.graph.Activation;

/** Accuracy of the elementary functions against float64. */
class VectorMathTest {
    private static final int COUNT = 1 << 20;

    @Test
    void everyActivationIsWithinOneMillionthForArgumentsUpToTwenty() {
        float[] x = grid(-20, 20);
        float[] y = new float[COUNT];
        for (Activation kind : Activation.values()) {
            ActivationLoops.apply(kind, x, 0, y, 0, COUNT);
            for (int i = 0; i < COUNT; i++) {
                double expected = kind.apply(x[i]);
                double allowed = Math.max(1e-6, 1e-6 * Math.abs(expected));
                assertTrue(Math.abs(y[i] - expected) <= allowed, kind + " of " + x[i] + " is " + y[i]);
            }
        }
    }

    @Test
    void geluAndTanhKeepRelativeAccuracyNearZeroAndInTheTail() {
        float[] x = grid(-9, 0.7);
        float[] y = new float[COUNT];
        for (Activation kind : new Activation[] {Activation.GELU_ERF, Activation.TANH}) {
            ActivationLoops.apply(kind, x, 0, y, 0, COUNT);
            for (int i = 0; i < COUNT; i++) {
                double expected = kind.apply(x[i]);
                assertTrue(
                        Math.abs(y[i] - expected) <= 1e-5 * Math.abs(expected),
                        kind + " of " + x[i] + " is " + y[i] + ", expected " + expected);
            }
        }
    }

    @Test
    void exponentialsAreWithinAFewUnitsInTheLastPlace() {
        float[] x = grid(-87, 0);
        float[] e = x.clone();
        VectorMath.exponentials(e, 0, COUNT, new float[MatrixProduct.LANES], 0);
        for (int i = 0; i < COUNT; i++) {
            double expected = Math.exp((double) x[i] - x[COUNT - 1]);
            assertTrue(Math.abs(e[i] - expected) <= 3e-7 * expected, "exp of " + x[i] + " is " + e[i]);
        }
    }

    @Test
    void theSumOfExponentialsIsThatOfTheStoredOnesAndTheNextVectorIsUntouched() {
        for (int count = 1; count < 70; count++) {
            int end = 1 + Math.ceilDiv(count, MatrixProduct.LANES) * MatrixProduct.LANES;
            float[] x = new float[end + 1];
            for (int i = 0; i < count; i++) {
                x[i + 1] = (i * 37 % 19) - 9;
            }
            x[end] = 77;
            float sum = VectorMath.exponentials(x, 1, count, new float[MatrixProduct.LANES], 0);
            double expected = 0;
            for (int i = 1; i <= count; i++) {
                expected += x[i];
            }
            assertEquals(expected, sum, 1e-5 * expected);
            assertEquals(77, x[end]);
        }
    }

    @Test
    void notANumberStaysNotANumber() {
        for (Activation kind : Activation.values()) {
            float[] x = {Float.NaN, 1};
            ActivationLoops.apply(kind, x, 0, x, 0, 2);
            assertTrue(Float.isNaN(x[0]), kind + " of NaN is " + x[0]);
        }
    }

    private static float[] grid(double from, double to) {
        float[] x = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            x[i] = (float) (from + (to - from) * i / (COUNT - 1));
        }
        return x;
    }
}
