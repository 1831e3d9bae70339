package tilewright.hw.unit.pipeline;

/** What a device multiplies with, and so how wide factors are cut up. */
public enum Multiplier {
    /** The 25 x 18 bits of a DSP48E1: AMD 7 series. */
    DSP48E1(24, 17),
    /** The 27 x 18 bits of a DSP48E2: AMD UltraScale and UltraScale+. */
    DSP48E2(26, 17),
    /** The 18 x 18 bits of a MULT18X18D: Lattice ECP5. */
    MULT18X18D(17, 17),
    /** The 16 x 16 bits of an SB_MAC16: Lattice iCE40 UltraPlus. */
    SB_MAC16(15, 15),
    /** No multiplier: rows of adders, four to a clock. */
    LOGIC(64, 4);

    private final int wideBits;
    private final int narrowBits;

    Multiplier(int wideBits, int narrowBits) {
        this.wideBits = wideBits;
        this.narrowBits = narrowBits;
    }

    /** Bits, without a sign, of the wider operand. */
    public int wideBits() {
        return wideBits;
    }

    /** Bits, without a sign, of the narrower operand. */
    public int narrowBits() {
        return narrowBits;
    }
}
