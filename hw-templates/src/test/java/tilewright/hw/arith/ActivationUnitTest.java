package tilewright.hw.arith;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The referee of GELU is Simpson integration of the normal density, which shares nothing with any erf. */
class ActivationUnitTest {
    private static double gelu(double x) {
        double bound = Math.min(Math.abs(x), 9);
        int steps = 400;
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            double t = bound * i / steps;
            sum += Math.exp(-t * t / 2) * (i == 0 || i == steps ? 1 : i % 2 == 0 ? 2 : 4);
        }
        double half = sum * bound / steps / 3 / Math.sqrt(2 * Math.PI);
        return x * (0.5 + Math.copySign(half, x));
    }

    @Test
    void wideGeluIsWithinOneTenThousandthEverywhere() {
        EvenResidualFunction unit = EvenResidualFunction.of(ActivationUnitTest::gelu, 1.0);
        double worst = 0;
        for (int code = -(1 << 18); code <= 1 << 18; code += 3) {
            double value = Math.scalb((double) unit.exact(code), -EvenResidualFunction.TABLE_FRACTION);
            double x = Math.scalb((double) code, -EvenResidualFunction.INPUT_FRACTION);
            worst = Math.max(worst, Math.abs(value - gelu(x)));
        }
        assertEquals(0, worst, 2.7e-5);
    }

    @Test
    void wideGeluIsReluAtTheEndsOfItsRange() {
        EvenResidualFunction unit = EvenResidualFunction.of(ActivationUnitTest::gelu, 512 / 32767.0);
        assertEquals(0, unit.apply(-(1 << 23)));
        assertEquals(32767, unit.apply((1 << 23) - 1));
    }

    @Test
    void wideOutputsRoundToTheNearestCode() {
        double scale = 8 / 32767.0;
        EvenResidualFunction unit = EvenResidualFunction.of(ActivationUnitTest::gelu, scale);
        for (int code = -(1 << 16); code < 1 << 17; code += 7) {
            double x = Math.scalb((double) code, -EvenResidualFunction.INPUT_FRACTION);
            assertEquals(gelu(x) / scale, unit.apply(code), 0.5 + 2.7e-5 / scale + 1e-3);
        }
    }

    @Test
    void theByteTableIsExactForEveryCode() {
        for (DoubleUnaryOperator function : new DoubleUnaryOperator[] {ActivationUnitTest::gelu, Math::tanh}) {
            TableFunction table = TableFunction.of(function, 0.05, 0.04);
            for (int code = -128; code < 128; code++) {
                double expected = Math.max(-128, Math.min(127, function.applyAsDouble(code * 0.05) / 0.04));
                assertEquals(expected, table.apply(code), 0.5 + 1e-9);
            }
        }
    }

    @Test
    void aFunctionThatIsNotReluMinusEvenIsRefused() {
        assertEquals(
                "the activation is not ReLU minus an even function at 0.015625",
                assertThrows(IllegalArgumentException.class, () -> EvenResidualFunction.of(Math::tanh, 1))
                        .getMessage());
    }

    @Test
    void topKPrefersTheLowestIndexOfEqualScores() {
        int[] selected = new int[3];
        TopK.select(new long[] {5, 9, 9, 1, 9, 5}, selected);
        org.junit.jupiter.api.Assertions.assertArrayEquals(new int[] {1, 2, 4}, selected);
        TopK.select(new long[] {-3, -3, -3, -3}, selected);
        org.junit.jupiter.api.Assertions.assertArrayEquals(new int[] {0, 1, 2}, selected);
        int[] two = new int[2];
        TopK.select(new long[] {1, 2, 3, 4}, two);
        org.junit.jupiter.api.Assertions.assertArrayEquals(new int[] {3, 2}, two);
    }
}
