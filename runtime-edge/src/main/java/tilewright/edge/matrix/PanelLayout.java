package tilewright.edge.matrix;

import tilewright.model.format.GroupedCodes;
import tilewright.model.tensor.DType;

/**
 * How packed weights lie in memory: one byte order per format, read by every kernel set.
 *
 * <p>A matrix is cut into panels of 16 rows (outputs); missing rows of the last panel are zero. Along the width a panel is
 * divided into blocks of {@link #blockElements()} elements of all 16 rows; the last block of a row is filled up with elements
 * of value 0. A panel is a sequence of <em>words</em> of 64 bytes, 64-byte aligned: 32 bits, little-endian, for each of the 16
 * rows in turn. First come the headers (scales) of all blocks, then the codes of all blocks in groups of 32 elements. Panels
 * follow each other without a gap, so that a run of panels is one sequential stream; headers among the codes, which are
 * needed before them, would make it a stream with jumps, at half the speed.
 *
 * <p><b>Codes</b> of a group are unsigned. Their bits lie in up to three planes, in this order; byte i (0 to 3) of a row's
 * word in a plane holds
 * <ul>
 *   <li>8-bit plane, 8 words: word v the code of element 4v + i;
 *   <li>4-bit plane (lowest bits of the code), 4 words: word v in its low half the bits of element 8v + i, in its high half
 *       those of element 8v + 4 + i;
 *   <li>2-bit plane (bits above those of the 4-bit plane), 2 words: word v in its bits 2j, 2j + 1 those of element
 *       16v + 4j + i;
 *   <li>1-bit plane (highest bit), 1 word: in bit j the bit of element 4j + i.
 * </ul>
 * So the codes of four neighbouring elements of a row are the bytes of one 32-bit lane after a shift and a mask.
 *
 * <p><b>Headers.</b> "d" and "m" are halves of a word: d(0) the low 16 bits for group 0 of the block, d(1) the high 16 bits
 * for group 1; in blocks of 256, d the low and m the high half for the whole block. Scales of sub-blocks are bytes: byte i of
 * word v belongs to sub-block 4v + i.
 *
 * <p><b>Nested codes</b> (W2 to W8, the panels of {@link GroupedCodes}) lie in two ranges of bytes, so that the first can be
 * read and used alone. The <em>base</em> range is a sequence of panels of headers and base codes (the highest
 * {@link #baseBits()} bits of each code), as above; the <em>residual</em> range has the remaining bits, panel after panel,
 * without headers. Blocks are of 64 elements. Word v of a panel's headers holds, from its lowest byte on, the scale and the
 * zero byte of block 2v and those of block 2v + 1 (zeros where there is none). Base codes are one plane of 2 or 4 bits,
 * residual codes one of 1, 2 or 4 bits, in groups of 32 elements, each plane as above.
 */
public enum PanelLayout {
    /** Words of one binary32 element. */
    F32(DType.F32, 1, 0, 0),
    /** Words of two binary16 elements, the first in the low half. */
    F16(DType.F16, 2, 0, 0),
    /** Words of two bfloat16 elements, the first in the low half. */
    BF16(DType.BF16, 2, 0, 0),
    /** d binary16, code 8 bits; value d * (code - 128). */
    Q8_0(DType.Q8_0, 64, 1, 8),
    /** d binary16, code 4 bits; value d * (code - 8). */
    Q4_0(DType.Q4_0, 64, 1, 4),
    /** d and then m binary16, code 4 bits; value d * code + m. */
    Q4_1(DType.Q4_1, 64, 2, 4),
    /** d binary16, code 5 bits; value d * (code - 16). */
    Q5_0(DType.Q5_0, 64, 1, 5),
    /** d and then m binary16, code 5 bits; value d * code + m. */
    Q5_1(DType.Q5_1, 64, 2, 5),
    /** d binary16, code 4 bits; value d * table(code), the table of {@link #table()}. */
    IQ4_NL(DType.IQ4_NL, 64, 1, 4),
    /** d bfloat16 (a power of two), code 4 bits; value d * table(code), the table of {@link #table()}. */
    MXFP4(DType.MXFP4, 64, 1, 4),
    /**
     * d and m binary16; 4 words of sub-blocks of 16: scale s in the low, minimum t in the high half of a byte; code 2 bits;
     * value d * s * code - m * t.
     */
    Q2_K(DType.Q2_K, 256, 5, 2),
    /** d binary16; 4 words of sub-blocks of 16: signed scale s; code 3 bits; value d * s * (code - 4). */
    Q3_K(DType.Q3_K, 256, 5, 3),
    /**
     * d and m binary16; 2 words of scales s, 2 words of minima t, unsigned, of sub-blocks of 32; code 4 bits; value
     * d * s * code - m * t.
     */
    Q4_K(DType.Q4_K, 256, 5, 4),
    /** As {@link #Q4_K} with codes of 5 bits. */
    Q5_K(DType.Q5_K, 256, 5, 5),
    /** d binary16; 4 words of sub-blocks of 16: signed scale s; code 6 bits; value d * s * (code - 32). */
    Q6_K(DType.Q6_K, 256, 5, 6),
    /** d binary16; 2 words of sub-blocks of 32: signed scale s; code 4 bits; value d * s * table(code). */
    IQ4_XS(DType.IQ4_XS, 256, 3, 4),
    /** Nested codes: base of 2 bits, no residual. */
    W2(2),
    /** Nested codes: base of 2 bits, residual of 1. */
    W3(3),
    /** Nested codes: base of 2 bits, residual of 2. */
    W4(4),
    /** Nested codes: base of 4 bits, residual of 1. */
    W5(5),
    /** Nested codes: base of 4 bits, residual of 2. */
    W6(6),
    /** Nested codes: base of 4 bits, residual of 4. */
    W8(8);

    /** Rows (outputs) of a panel. */
    public static final int PANEL_ROWS = 16;
    /** Bytes of a word: 32 bits for each row of a panel. */
    public static final int WORD_BYTES = 4 * PANEL_ROWS;
    /** Elements of a group of codes. */
    static final int GROUP = 32;

    private final DType format;
    private final int blockElements;
    private final int headerWords;
    private final int codeBits;

    PanelLayout(DType format, int blockElements, int headerWords, int codeBits) {
        this.format = format;
        this.blockElements = blockElements;
        this.headerWords = headerWords;
        this.codeBits = codeBits;
    }

    PanelLayout(int codeBits) {
        this(null, GroupedCodes.GROUP, 0, codeBits);
    }

    /**
     * The layout of grouped codes of so many bits.
     *
     * @throws IllegalArgumentException when there are no such codes
     */
    public static PanelLayout nested(int bits) {
        return switch (bits) {
            case 2 -> W2;
            case 3 -> W3;
            case 4 -> W4;
            case 5 -> W5;
            case 6 -> W6;
            case 8 -> W8;
            default -> throw new IllegalArgumentException("codes of " + bits + " bits, expected 2, 3, 4, 5, 6 or 8");
        };
    }

    /** The layout in which weights of a stored format are packed; floats without one of their own are widened. */
    static PanelLayout of(DType format) {
        return switch (format) {
            case F8_E4M3, F8_E5M2 -> BF16;
            default -> {
                for (PanelLayout layout : values()) {
                    if (layout.format == format) {
                        yield layout;
                    }
                }
                yield F32;
            }
        };
    }

    /** Whether codes have their bits in two ranges. */
    public boolean isNested() {
        return format == null;
    }

    /** Bits of a code that are in the base range; of other layouts than nested ones, all. */
    public int baseBits() {
        return isNested() ? GroupedCodes.baseBits(codeBits) : codeBits;
    }

    /** The stored format whose values this layout holds, or null for nested codes. */
    public DType format() {
        return format;
    }

    /** Elements along the width in a block. */
    public int blockElements() {
        return blockElements;
    }

    /** Words of a block's header; 0 for nested codes, of which two blocks share one. */
    public int headerWords() {
        return headerWords;
    }

    /** Bits of a code, 0 for plain elements. */
    public int codeBits() {
        return codeBits;
    }

    /** Words of the (base) codes of one group of 32 elements; one bit of a code takes one word. */
    public int groupWords() {
        return baseBits();
    }

    /** The code that stands for 0, where codes are numbers around it; else 0. */
    public int centre() {
        return switch (this) {
            case Q8_0 -> 128;
            case Q6_K -> 32;
            case Q5_0 -> 16;
            case Q4_0 -> 8;
            case Q3_K -> 4;
            default -> 0;
        };
    }

    /** Whether elements have a minimum beside their scale. */
    boolean hasMinimum() {
        return switch (this) {
            case Q4_1, Q5_1, Q2_K, Q4_K, Q5_K -> true;
            default -> false;
        };
    }

    /** Whether 16 elements share a scale, and not 32. */
    boolean hasSmallSubBlocks() {
        return this == Q2_K || this == Q3_K || this == Q6_K;
    }

    /** Whether codes stand for values of a table. */
    boolean isTable() {
        return this == IQ4_NL || this == IQ4_XS || this == MXFP4;
    }

    /** The logarithm of the groups in a block. */
    int groupShift() {
        return blockElements == 256 ? 3 : 1;
    }

    /** Groups of codes in a row, those that fill up the last block included. */
    int groups(int width) {
        return Math.ceilDiv(width, blockElements) * (blockElements / GROUP);
    }

    /** Bytes of the headers of a panel whose rows have {@code width} elements: where its codes begin. */
    public long headerBytes(int width) {
        if (isNested()) {
            return Math.ceilDiv(width, 2L * blockElements) * WORD_BYTES;
        }
        return (long) Math.ceilDiv(width, blockElements) * headerWords * WORD_BYTES;
    }

    /** Bytes of the elements or (base) codes of so many elements of a panel. */
    public long codeBytes(int width) {
        int blocks = Math.ceilDiv(width, blockElements);
        return (long) blocks * WORD_BYTES * (codeBits == 0 ? 1 : blockElements / GROUP * groupWords());
    }

    /** Bytes of a panel whose rows have {@code width} elements; of nested codes, in the base range. */
    public long panelBytes(int width) {
        return headerBytes(width) + codeBytes(width);
    }

    /** Bytes that such a panel has in the residual range; 0 where there is none. */
    public long residualBytes(int width) {
        return (long) groups(width) * (codeBits - baseBits()) * WORD_BYTES;
    }

    /** The values that 4-bit codes stand for (a copy), or null where codes are numbers. */
    public byte[] table() {
        return switch (this) {
            case IQ4_NL, IQ4_XS -> Tables.NON_LINEAR.clone();
            case MXFP4 -> Tables.FLOAT4_DOUBLED.clone();
            default -> null;
        };
    }

    /** For each byte of a vector the value of its place modulo 16 in the table, plus 128; not to be changed. */
    byte[] vectorTable() {
        return switch (this) {
            case IQ4_NL, IQ4_XS -> Tables.NON_LINEAR_VECTOR;
            case MXFP4 -> Tables.FLOAT4_VECTOR;
            default -> throw new IllegalStateException(this + " has no table");
        };
    }

    /** As {@link #vectorTable()}, the values themselves; not to be changed. */
    byte[] signedTable() {
        return switch (this) {
            case IQ4_NL, IQ4_XS -> Tables.NON_LINEAR_SIGNED;
            case MXFP4 -> Tables.FLOAT4_SIGNED;
            default -> throw new IllegalStateException(this + " has no table");
        };
    }

    private static final class Tables {
        /** The values of llama.cpp's non-linear 4-bit codes. */
        static final byte[] NON_LINEAR = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
        /** Twice the values of a float of 2 exponent bits and 1 fraction bit. */
        static final byte[] FLOAT4_DOUBLED = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

        /** As many as the widest vector has bytes. */
        private static final int BYTES = 256;

        static final byte[] NON_LINEAR_VECTOR = vector(NON_LINEAR, 128);
        static final byte[] FLOAT4_VECTOR = vector(FLOAT4_DOUBLED, 128);
        static final byte[] NON_LINEAR_SIGNED = vector(NON_LINEAR, 0);
        static final byte[] FLOAT4_SIGNED = vector(FLOAT4_DOUBLED, 0);

        private static byte[] vector(byte[] table, int offset) {
            byte[] vector = new byte[BYTES];
            for (int i = 0; i < BYTES; i++) {
                vector[i] = (byte) (table[i % table.length] + offset);
            }
            return vector;
        }
    }
}
