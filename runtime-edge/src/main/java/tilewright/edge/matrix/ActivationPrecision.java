package tilewright.edge.matrix;

/** The arithmetic in which activations meet quantised weights. */
public enum ActivationPrecision {
    /** Activations stay float32; only the weights' own quantisation remains. */
    FLOAT,
    /**
     * Where it is faster, activations are rounded to 8 bits with one scale per 32 of them, as ggml does.
     *
     * <p>This adds about 0.4 % relative error to a product. Weights in F32, F16 and BF16 are computed as with {@link #FLOAT}; so
     * are, by the kernels in Java, steps of more than 8 rows, for which rounding gains them nothing. Native kernels round for
     * any number of rows.
     */
    INT8
}
