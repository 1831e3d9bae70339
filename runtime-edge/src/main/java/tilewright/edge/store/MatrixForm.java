package tilewright.edge.store;

import tilewright.edge.matrix.GroupedPanels;
import tilewright.edge.matrix.StoredPanels;
import tilewright.model.format.GroupedCodes;
import tilewright.model.tensor.DType;

/**
 * How a matrix lies in a record: grouped codes of some bits, in a base and a residual range, or a stored format as it was, in
 * one range; both as panels that kernels read.
 *
 * @param bits bits of a grouped code, 0 for a stored format
 * @param stored the stored format, null for grouped codes
 */
public record MatrixForm(int bits, DType stored) {
    private static final int STORED = 0x80;

    /** Checks that it is one of both. */
    public MatrixForm {
        if (stored == null ? !GroupedCodes.isWidth(bits) : bits != 0 || number(stored) < 0) {
            throw new IllegalArgumentException(
                    "a matrix cannot be stored as " + (stored == null ? bits + " bits" : stored.label()));
        }
    }

    /** Grouped codes of so many bits: 2 to 6, or 8. */
    public static MatrixForm codes(int bits) {
        return new MatrixForm(bits, null);
    }

    /** A stored format; those whose panels are of a wider one count as that one: 8-bit floats as BF16, F64 as F32. */
    public static MatrixForm stored(DType format) {
        return new MatrixForm(
                0,
                switch (format) {
                    case F8_E4M3, F8_E5M2 -> DType.BF16;
                    case F8_E8M0, F64 -> DType.F32;
                    default -> format;
                });
    }

    /** The form with this byte in an index, or null when there is none. */
    static MatrixForm of(int number) {
        if (number < STORED) {
            return GroupedCodes.isWidth(number) ? codes(number) : null;
        }
        for (DType format : DType.values()) {
            if (number(format) == number - STORED) {
                return new MatrixForm(0, format);
            }
        }
        return null;
    }

    /** The byte that stands for it in an index. */
    int number() {
        return stored == null ? bits : STORED + number(stored);
    }

    /** The numbers of formats in GGUF files, -1 for those that panels do not hold. */
    private static int number(DType format) {
        return switch (format) {
            case F32 -> 0;
            case F16 -> 1;
            case Q4_0 -> 2;
            case Q4_1 -> 3;
            case Q5_0 -> 6;
            case Q5_1 -> 7;
            case Q8_0 -> 8;
            case Q2_K -> 10;
            case Q3_K -> 11;
            case Q4_K -> 12;
            case Q5_K -> 13;
            case Q6_K -> 14;
            case IQ4_NL -> 20;
            case IQ4_XS -> 23;
            case BF16 -> 30;
            case MXFP4 -> 39;
            default -> -1;
        };
    }

    /** Whether rows of this width can be held. */
    boolean holds(int width) {
        return stored == null || width % stored.blockElements() == 0;
    }

    /** Bytes of the range that is read first, a multiple of 64. */
    public long baseBytes(int rows, int width) {
        return stored == null ? GroupedPanels.baseBytes(bits, rows, width) : StoredPanels.bytes(stored, rows, width);
    }

    /** Bytes of the range that adds the low bits, a multiple of 64; 0 where there is none. */
    public long residualBytes(int rows, int width) {
        return stored == null ? GroupedPanels.residualBytes(bits, rows, width) : 0;
    }

    /** What a person reads: {@code W4} for grouped codes of 4 bits, else the format's name. */
    public String label() {
        return stored == null ? "W" + bits : stored.label();
    }
}
