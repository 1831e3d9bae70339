package tilewright.hw.unit.tensor;

import tilewright.hw.lang.primitive.Dsp48;

/** What a multiply-accumulate element is built of. */
public enum MacBlock {
    /** Lookup tables and flip-flops, or what synthesis finds. */
    LOGIC(24, 2),
    /** AMD 7 series. */
    DSP48E1(Dsp48.P_BITS, 2),
    /** AMD UltraScale and UltraScale+; the one that holds two elements with a common activation. */
    DSP48E2(Dsp48.P_BITS, 2),
    /** Lattice ECP5; the sum is in lookup tables. */
    MULT18X18D(24, 3),
    /** Lattice iCE40 UltraPlus. */
    SB_MAC16(32, 2);

    private final int sumBits;
    private final int productLatency;

    MacBlock(int sumBits, int productLatency) {
        this.sumBits = sumBits;
        this.productLatency = productLatency;
    }

    /** Bits of the sums that elements hand on. */
    public int sumBits() {
        return sumBits;
    }

    /** Clocks from an element's operands to that at whose end their product is added; one more to the sum. */
    public int productLatency() {
        return productLatency;
    }

    /** The DSP48 of AMD's families. */
    Dsp48.Family family() {
        return this == DSP48E1 ? Dsp48.Family.DSP48E1 : Dsp48.Family.DSP48E2;
    }
}
