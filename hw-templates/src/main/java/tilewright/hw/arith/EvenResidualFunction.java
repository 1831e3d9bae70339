package tilewright.hw.arith;

import java.util.function.DoubleUnaryOperator;

/**
 * A wide activation as ReLU minus an even table: {@code f(x) = max(x, 0) - d(|x|)}.
 *
 * <p>GELU, SiLU and every x·S(x) with S(-x) = 1 - S(x) have this form (Edge-MoE, section 4.3). The input is a fixed-point
 * number of {@value #INPUT_BITS} bits with {@value #INPUT_FRACTION} fraction bits; d is a table with step 2^-6, linearly
 * interpolated, zero beyond its end; the result is requantised to 16 bits. For GELU the error before the last rounding
 * is below 2.6e-5.
 *
 * @param table values of d at multiples of 2^-6 with {@value #TABLE_FRACTION} fraction bits; the last entry is zero
 * @param output factor from {@value #TABLE_FRACTION} fraction bits to the output's codes
 */
public record EvenResidualFunction(int[] table, Requantizer output) implements ActivationUnit {
    /** Width of an input. */
    public static final int INPUT_BITS = 24;

    /** Fraction bits of an input: it spans ±512. */
    public static final int INPUT_FRACTION = 14;

    /** Fraction bits of the table and of the value before requantisation. */
    public static final int TABLE_FRACTION = 20;

    /** The table's step is 2^-6. */
    public static final int STEP_LOG2 = 6;

    /** Largest table: d must have died away at 16. */
    public static final int MAX_ENTRIES = (16 << STEP_LOG2) + 1;

    private static final int INTERPOLATION_BITS = INPUT_FRACTION - STEP_LOG2;

    /**
     * Tabulates a function.
     *
     * @param function of the form {@code max(x, 0) - d(|x|)}
     * @param outputScale value of one unit of the output
     * @throws IllegalArgumentException if the function is not of that form
     */
    public static EvenResidualFunction of(DoubleUnaryOperator function, double outputScale) {
        int[] table = new int[MAX_ENTRIES];
        int used = 0;
        for (int i = 0; i < MAX_ENTRIES; i++) {
            double x = Math.scalb((double) i, -STEP_LOG2);
            double positive = x - function.applyAsDouble(x);
            double negative = -function.applyAsDouble(-x);
            if (!(Math.abs(positive - negative) < 1e-9 * (1 + x))) {
                throw new IllegalArgumentException("the activation is not ReLU minus an even function at " + x);
            }
            table[i] = (int) Math.rint(Math.scalb(positive, TABLE_FRACTION));
            if (table[i] != 0) {
                used = i + 1;
            }
        }
        if (used == MAX_ENTRIES) {
            throw new IllegalArgumentException("the activation still differs from ReLU at 16");
        }
        return new EvenResidualFunction(
                java.util.Arrays.copyOf(table, used + 1), Requantizer.of(Math.scalb(1 / outputScale, -TABLE_FRACTION)));
    }

    @Override
    public int inputBits() {
        return INPUT_BITS;
    }

    @Override
    public int apply(int code) {
        return (int) output.apply(exact(code), 16);
    }

    /** The value before requantisation, with {@value #TABLE_FRACTION} fraction bits. */
    long exact(int code) {
        long magnitude = Math.abs((long) code);
        int index = (int) (magnitude >> INTERPOLATION_BITS);
        long step = magnitude & ((1 << INTERPOLATION_BITS) - 1);
        long even = 0;
        if (index < table.length - 1) {
            long slope = table[index + 1] - table[index];
            even = table[index] + ((slope * step + (1 << (INTERPOLATION_BITS - 1))) >> INTERPOLATION_BITS);
        }
        return ((long) Math.max(code, 0) << (TABLE_FRACTION - INPUT_FRACTION)) - even;
    }
}
