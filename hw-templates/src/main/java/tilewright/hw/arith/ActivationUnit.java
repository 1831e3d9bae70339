package tilewright.hw.arith;

/** A non-linear function between a layer's requantiser and its output. */
public sealed interface ActivationUnit permits TableFunction, EvenResidualFunction {
    /** Width of the codes that the function takes. */
    int inputBits();

    /** The output code of an input code. */
    int apply(int code);
}
