package tilewright.boards;

/** A hard multiplier of an FPGA family and the multiply-accumulates it does per cycle. */
public enum DspKind implements Labelled {
    /**
     * UltraScale+, 27 x 18 bits: two int8 products that share an operand, packed 18 bits apart in one multiplication
     * (AMD WP486).
     */
    DSP48E2("DSP48E2", 2, 1),
    /** Versal, 27 x 24 bits, with a hard dot product of three int8 pairs (AMD AM004). */
    DSP58("DSP58", 3, 1),
    /**
     * 7 series, 25 x 18 bits: two int8 products that share an operand, packed 16 bits apart. There are no guard bits
     * between them, so each product is separated and added in the fabric (AMD UG479 for the widths).
     */
    DSP48E1("DSP48E1", 2, 1),
    /**
     * ECP5, 18 x 18 bits (Lattice FPGA-TN-02205). The hardware can be split into two 9 x 9 multipliers, but the open
     * tools place it only whole, so int8 gains nothing.
     */
    MULT18X18D("MULT18X18D", 1, 1),
    /** iCE40 UltraPlus, 16 x 16 bits or two 8 x 8 (Lattice FPGA-TN-02007). */
    SB_MAC16("SB_MAC16", 2, 1),
    /** No hard multiplier. */
    NONE("none", 0, 0);

    /** The narrowest operands {@link #macsPerCycle} answers for, in bits. */
    public static final int MIN_BITS = 2;
    /** The widest operands {@link #macsPerCycle} answers for, in bits. */
    public static final int MAX_BITS = 16;

    private final String label;
    private final int int8MacsPerCycle;
    private final int int16MacsPerCycle;

    DspKind(String label, int int8MacsPerCycle, int int16MacsPerCycle) {
        this.label = label;
        this.int8MacsPerCycle = int8MacsPerCycle;
        this.int16MacsPerCycle = int16MacsPerCycle;
    }

    /** The name as written in a board file. */
    @Override
    public String label() {
        return label;
    }

    /**
     * Multiply-accumulates of signed {@code bits} x {@code bits} integers that one block starts each cycle. Widths up to
     * 8 count as int8 (narrower weights save memory, not multipliers), 9 to 16 as int16.
     *
     * @throws IllegalArgumentException if {@code bits} is outside {@value #MIN_BITS} to {@value #MAX_BITS}
     */
    public int macsPerCycle(int bits) {
        checkBits(bits);
        return bits <= 8 ? int8MacsPerCycle : int16MacsPerCycle;
    }

    /** Refuses operand widths that have no rate. */
    static void checkBits(int bits) {
        if (bits < MIN_BITS || bits > MAX_BITS) {
            throw new IllegalArgumentException(
                    "operands of " + bits + " bits; rates are known for " + MIN_BITS + " to " + MAX_BITS + " bits");
        }
    }

    @Override
    public String toString() {
        return label;
    }
}
