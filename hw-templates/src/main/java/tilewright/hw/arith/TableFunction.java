package tilewright.hw.arith;

import java.util.function.DoubleUnaryOperator;

/**
 * An int8 function as a table of all its 256 values: exact for any activation.
 *
 * @param values result for input {@code i - 128} at index {@code i}
 */
public record TableFunction(byte[] values) implements ActivationUnit {
    private static final int OFFSET = 128;

    /**
     * Tabulates a function: {@code saturate(rint(f(code * inputScale) / outputScale))}, ties to even.
     */
    public static TableFunction of(DoubleUnaryOperator function, double inputScale, double outputScale) {
        byte[] values = new byte[2 * OFFSET];
        for (int i = 0; i < values.length; i++) {
            double value = function.applyAsDouble((i - OFFSET) * inputScale) / outputScale;
            values[i] = (byte) FixedPoint.saturate((long) Math.rint(value), 8);
        }
        return new TableFunction(values);
    }

    @Override
    public int inputBits() {
        return 8;
    }

    @Override
    public int apply(int code) {
        return values[code + OFFSET];
    }
}
