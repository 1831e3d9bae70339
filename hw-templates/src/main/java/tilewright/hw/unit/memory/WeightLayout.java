package tilewright.hw.unit.memory;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import tilewright.hw.arith.WeightGroup;

/**
 * How weights of 1 to 8 bits lie in memory. A block is {@code groupRows} rows of {@code lanes} weights: first each lane's
 * scale (16 bits) and minimum (8 bits), lane 0 in the lowest bits, filled up to whole words; then, for each
 * {@code wordBits / lanes} rows, one word per bit of the codes, the least significant first, whose bit
 * {@code row * lanes + lane} belongs to that weight. So every width uses whole words, and dropping the last of them leaves
 * the low bits.
 *
 * @param lanes weights of a row, 1 to 256
 * @param wordBits bits of a memory word; a multiple of {@code lanes}, by a power of two of at least 2
 * @param groupRows rows that share a scale in each lane; a multiple of {@code wordBits / lanes}
 */
public record WeightLayout(int lanes, int wordBits, int groupRows) {
    /** Widest codes. */
    public static final int MOST_BITS = 8;

    static final int HEADER_BITS = 24;
    private static final int SCALE_BITS = 16;

    /** Checks the sizes. */
    public WeightLayout {
        boolean fits = lanes >= 1 && lanes <= 256 && wordBits % lanes == 0 && wordBits / lanes >= 2;
        if (!fits || Integer.bitCount(wordBits / lanes) != 1 || groupRows < 1 || groupRows % (wordBits / lanes) != 0) {
            throw new IllegalArgumentException("blocks of " + groupRows + " rows of " + lanes + " weights in words of "
                    + wordBits + " bits; a word must hold one bit of 2, 4, 8, ... rows, and a block whole words");
        }
    }

    /** Rows whose bits share a word. */
    public int rowsPerWord() {
        return wordBits / lanes;
    }

    /** Words of a block's scales and minima. */
    public int headerWords() {
        return (HEADER_BITS * lanes + wordBits - 1) / wordBits;
    }

    /** Words of a block with codes of so many bits. */
    public int words(int bits) {
        return headerWords() + groupRows / rowsPerWord() * bits;
    }

    /**
     * The words of a block.
     *
     * @param groups one per lane
     * @param codes {@code [groupRows][lanes]}, each below {@code 2^bits}
     */
    public List<BigInteger> pack(List<WeightGroup> groups, int[][] codes, int bits) {
        List<BigInteger> words = new ArrayList<>();
        BigInteger header = BigInteger.ZERO;
        for (int lane = 0; lane < lanes; lane++) {
            WeightGroup group = groups.get(lane);
            long fields = group.scale() | (long) (group.minimum() & 0xFF) << SCALE_BITS;
            header = header.or(BigInteger.valueOf(fields).shiftLeft(HEADER_BITS * lane));
        }
        BigInteger mask = BigInteger.ONE.shiftLeft(wordBits).subtract(BigInteger.ONE);
        for (int i = 0; i < headerWords(); i++) {
            words.add(header.shiftRight(i * wordBits).and(mask));
        }
        for (int row = 0; row < groupRows; row += rowsPerWord()) {
            for (int bit = 0; bit < bits; bit++) {
                BigInteger word = BigInteger.ZERO;
                for (int i = 0; i < wordBits; i++) {
                    if ((codes[row + i / lanes][i % lanes] >> bit & 1) != 0) {
                        word = word.setBit(i);
                    }
                }
                words.add(word);
            }
        }
        return words;
    }
}
