package tilewright.hw.program;

/**
 * A matrix of integers between steps, {@code [tokens, features]}, row-major.
 *
 * @param name unique in the program
 * @param tokens rows
 * @param groups features come in this many groups (attention heads), which hardware aligns to its words; else 1
 * @param groupSize features per group
 * @param bits width of an element
 * @param scale real value of one unit
 */
public record Buffer(String name, int tokens, int groups, int groupSize, int bits, double scale) {
    /** A buffer whose features are one group. */
    public static Buffer of(String name, int tokens, int features, int bits, double scale) {
        return new Buffer(name, tokens, 1, features, bits, scale);
    }

    /** Features per token. */
    public int features() {
        return groups * groupSize;
    }
}
