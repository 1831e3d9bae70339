package tilewright.hw.lang.primitive;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;

/**
 * Two int8 multiply-accumulate elements with resident weights and one activation in one DSP48E2: {@code x * w0} is added
 * up in the low {@value #SHIFT} bits of the sum and {@code x * w1} above, 3 clocks after {@code x}, one pair per clock.
 *
 * <p>The next weights wait in the registers before the pre-adder and come into use through the one behind it (A2, D and
 * AD of AMD UG579). {@value #MOST_PRODUCTS} of these cascade before {@link #low} and {@link #high} take the sums apart,
 * which is exact for all activations and for weights from -127 to 127; {@code w1 = -128} overflows the pre-adder where
 * {@code w0} is negative.
 */
public final class Int8StationaryPair extends Component {
    /** Where the upper sum begins. */
    public static final int SHIFT = 19;
    /** How many products the low sum holds. */
    public static final int MOST_PRODUCTS = 16;
    /** Bits of a sum of so many products. */
    public static final int SUM_BITS = 20;

    private static final int PACKED = 27;

    /** The next weight of the low sum. */
    public final SInt w0 = in(sint(8));
    /** The next weight of the upper sum. */
    public final SInt w1 = in(sint(8));
    /** Whether the next weights are taken. */
    public final Bool load = in(bool());
    /** Whether the next weights come into use, first for the {@code x} of this clock. */
    public final Bool swap = in(bool());
    /** The activation. */
    public final SInt x = in(sint(8));
    /** Whether everything but the weights moves on. */
    public final Bool enable = in(bool());
    /** The sums of the pair above, as in {@link Int8Stationary#above}; null at the top. */
    public final SInt above;
    /** Both sums. */
    public final SInt below = out(sint(Dsp48.P_BITS));
    /** Both sums for the pair below, on the dedicated wire. */
    public final SInt cascadeOut = out(sint(Dsp48.P_BITS));

    private final SInt next0 = reg(sint(8));
    private final SInt next1 = reg(sint(8));
    private final SInt used = reg(sint(PACKED));
    private final SInt factor = reg(sint(8));
    private final SInt product = reg(sint(PACKED + 8));
    private final SInt sum = reg(sint(Dsp48.P_BITS));

    /** A pair; one at the {@code top} adds to nothing. */
    public Int8StationaryPair(boolean top) {
        above = top ? null : in(sint(Dsp48.P_BITS));
        SInt addend = top ? s(0, Dsp48.P_BITS) : above;
        when(load, () -> {
            next0.assign(w0);
            next1.assign(w1);
        });
        when(swap, () -> used.assign(next1.shl(SHIFT).plusMod(next0)));
        when(enable, () -> {
            factor.assign(x);
            product.assign(used.times(factor));
            sum.assign(addend.plusMod(product));
        });
        below.assign(sum);
        cascadeOut.assign(sum);

        Dsp48Pins pins = new Dsp48Pins(vendor("DSP48E2"), Dsp48.Family.DSP48E2, enable);
        pins.pipeline(1, true);
        pins.enable("CEA2", load).enable("CED", load).enable("CEAD", swap);
        pins.operands(w0.extend(30), w1.shl(SHIFT), x.extend(Dsp48.B_BITS));
        pins.sum(top ? b(0b000, 3) : b(0b001, 3), s(0, Dsp48.P_BITS), addend);
        pins.vendor().output("P", Dsp48.P_BITS, below).output("PCOUT", Dsp48.P_BITS, cascadeOut);
    }

    /** The low sum of a {@code below}, {@value #SUM_BITS} bits. */
    public static SInt low(SInt below) {
        return below.low(SHIFT).extend(SUM_BITS);
    }

    /** The upper sum of a {@code below}, {@value #SUM_BITS} bits: a negative low sum has borrowed one from it. */
    public static SInt high(SInt below) {
        SInt upper = below.slice(SHIFT + SUM_BITS - 1, SHIFT).asSInt();
        return upper.plusMod(below.bit(SHIFT - 1).asUInt().toSInt());
    }
}
