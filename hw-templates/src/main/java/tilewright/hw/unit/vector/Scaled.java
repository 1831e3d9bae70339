package tilewright.hw.unit.vector;

import tilewright.hw.arith.Requantizer;
import tilewright.hw.lang.Bundle;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;

/** An accumulator with the {@link Requantizer} of its channel. */
public final class Scaled extends Bundle {
    /** Bits of a shift. */
    public static final int SHIFT_BITS = 7;

    /** The accumulator. */
    public final SInt value;
    /** The multiplier of {@value Requantizer#MULTIPLIER_BITS} bits. */
    public final UInt multiplier;
    /** The shift, at most {@value Requantizer#MAX_SHIFT}. */
    public final UInt shift;

    private Scaled(int bits) {
        value = field(sint(bits));
        multiplier = field(uint(Requantizer.MULTIPLIER_BITS));
        shift = field(uint(SHIFT_BITS));
    }

    /** The type of accumulators of {@code bits} bits. */
    public static Type<Scaled> of(int bits) {
        return () -> new Scaled(bits);
    }
}
