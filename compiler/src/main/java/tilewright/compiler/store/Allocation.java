package tilewright.compiler.store;

/** The bit-width of every matrix of a model's experts. */
@FunctionalInterface
public interface Allocation {
    /** Bits of a matrix's codes: a width of {@link tilewright.model.format.GroupedCodes}, 2 to 6 or 8; the same at each call. */
    int bits(MatrixPlace place);

    /** The same width for all. */
    static Allocation uniform(int bits) {
        return _ -> bits;
    }
}
