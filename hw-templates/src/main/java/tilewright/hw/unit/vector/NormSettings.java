package tilewright.hw.unit.vector;

import tilewright.hw.arith.LayerNormParameters;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.Hdl;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;

/** What holds for all rows of one normalisation; the numbers of {@link LayerNormParameters} and their features. */
public final class NormSettings extends Bundle {
    /** Bits of a sum of squares, epsilon included. */
    static final int SQUARES_BITS = 62;
    /** Bits of the number of extra fraction bits. */
    static final int FRACTION_BITS = 4;
    /** Bits of the last shift. */
    static final int SHIFT_BITS = 6;

    /** Features of a row, at least 1. */
    public final UInt features;
    /** {@link LayerNormUnit#fractionBits()} of that many features. */
    public final UInt fraction;
    /** {@link LayerNormParameters#shift()}. */
    public final UInt shift;
    /** {@link LayerNormParameters#epsilon()}. */
    public final UInt epsilon;

    private NormSettings(int features) {
        this.features = field(uint(Hdl.bitsFor(features)));
        fraction = field(uint(FRACTION_BITS));
        shift = field(uint(SHIFT_BITS));
        epsilon = field(uint(SQUARES_BITS));
    }

    /** The type of settings for rows of at most so many features. */
    public static Type<NormSettings> of(int features) {
        return () -> new NormSettings(features);
    }
}
