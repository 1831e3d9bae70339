package tilewright.compiler.plan;

import tilewright.hw.program.Buffer;

/**
 * The shape of one row of a buffer.
 *
 * @param groups groups of features (attention heads), each padded to whole memory words
 * @param groupSize features per group
 * @param bits width of an element in arithmetic
 */
public record RowShape(int groups, int groupSize, int bits) {
    /** The row shape of a buffer. */
    public static RowShape of(Buffer buffer) {
        return new RowShape(buffer.groups(), buffer.groupSize(), buffer.bits());
    }

    /** A row that is one group. */
    public static RowShape of(int features, int bits) {
        return new RowShape(1, features, bits);
    }

    /** Features per row, without padding. */
    public int features() {
        return groups * groupSize;
    }

    /** Memory words per row when a word holds a number of elements. */
    public int words(int lanes) {
        return groups * wordsPerGroup(lanes);
    }

    /** Memory words per group. */
    public int wordsPerGroup(int lanes) {
        return (groupSize + lanes - 1) / lanes;
    }

    /** Bits that an element takes in memory: 8, 16 or 32. */
    public int memoryBits() {
        return bits <= 8 ? 8 : bits <= 16 ? 16 : 32;
    }
}
