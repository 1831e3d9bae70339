package tilewright.hw.lang.primitive;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;

/**
 * An int8 multiply-accumulate element with a resident weight in one DSP48E1 or DSP48E2: {@code below = above + x * weight},
 * 3 clocks after {@code x}, one per clock, no logic beside the block.
 *
 * <p>The weight is held twice, in both registers before the multiplier (B1 and B2 of AMD UG479 and UG579): the next one is
 * loaded while the one in use multiplies.
 */
public final class Int8Stationary extends Component {
    /** The next weight. */
    public final SInt weight = in(sint(8));
    /** Whether the next weight is taken. */
    public final Bool load = in(bool());
    /** Whether the next weight comes into use, first for the {@code x} of this clock. */
    public final Bool swap = in(bool());
    /** The activation. */
    public final SInt x = in(sint(8));
    /** Whether everything but the weights moves on. */
    public final Bool enable = in(bool());
    /**
     * The sum of the element above, whose {@code below} alone can drive it, 2 clocks after {@code x}: activations here are
     * one clock later than there. Null at the top.
     */
    public final SInt above;
    /** The sum. */
    public final SInt below = out(sint(Dsp48.P_BITS));
    /** The sum for the element below, on the dedicated wire. */
    public final SInt cascadeOut = out(sint(Dsp48.P_BITS));

    private final SInt next = reg(sint(8));
    private final SInt used = reg(sint(8));
    private final SInt factor = reg(sint(8));
    private final SInt product = reg(sint(16));
    private final SInt sum = reg(sint(Dsp48.P_BITS));

    /** An element; one at the {@code top} adds to nothing. */
    public Int8Stationary(Dsp48.Family family, boolean top) {
        above = top ? null : in(sint(Dsp48.P_BITS));
        SInt addend = top ? s(0, Dsp48.P_BITS) : above;
        when(load, () -> next.assign(weight));
        when(swap, () -> used.assign(next));
        when(enable, () -> {
            factor.assign(x);
            product.assign(factor.times(used));
            sum.assign(addend.plusMod(product));
        });
        below.assign(sum);
        cascadeOut.assign(sum);

        Dsp48Pins pins = new Dsp48Pins(vendor(family.name()), family, enable);
        pins.pipeline(2, false);
        pins.enable("CEB1", load).enable("CEB2", swap);
        pins.operands(x.extend(30), weight.extend(Dsp48.B_BITS));
        pins.sum(top ? b(0b000, 3) : b(0b001, 3), s(0, Dsp48.P_BITS), addend);
        pins.vendor().output("P", Dsp48.P_BITS, below).output("PCOUT", Dsp48.P_BITS, cascadeOut);
    }
}
