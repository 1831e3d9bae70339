package tilewright.hw.lang.primitive;

import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;

/**
 * An int8 multiply-accumulate element with a resident sum in one DSP48E1 or DSP48E2, and no logic beside the block:
 * {@code sum += x * w}, or, to read a column of sums out at its lower end, {@code sum = above}.
 *
 * <p>The product of {@code x} and {@code w} can be added 2 clocks after them, and shows after 3; one product per clock.
 */
public final class Int8Accumulator extends Component {
    /** The activation. */
    public final SInt x = in(sint(8));
    /** The weight. */
    public final SInt w = in(sint(8));
    /** Whether the sum changes: the product of 2 clocks before is added or, where {@code drain} held, it is replaced. */
    public final Bool move = in(bool());
    /** Given one clock before {@code move}: the sum is replaced by the one above, by zero at the top. */
    public final Bool drain = in(bool());
    /** The sum of the element above, whose {@code cascadeOut} alone can drive it; null at the top. */
    public final SInt above;
    /** The sum. */
    public final SInt below = out(sint(Dsp48.P_BITS));
    /** The sum for the element below, on the dedicated wire. */
    public final SInt cascadeOut = out(sint(Dsp48.P_BITS));

    private final SInt xReg = regNext(x);
    private final SInt wReg = regNext(w);
    private final SInt product = regNext(xReg.times(wReg));
    private final Bool drains = regNext(drain);
    private final SInt sum = reg(sint(Dsp48.P_BITS));

    /** An element; one at the {@code top} reads zeros from above. */
    public Int8Accumulator(Dsp48.Family family, boolean top) {
        above = top ? null : in(sint(Dsp48.P_BITS));
        SInt previous = top ? s(0, Dsp48.P_BITS) : above;
        when(move, () -> sum.assign(mux(drains, previous, sum.plusMod(product))));
        below.assign(sum);
        cascadeOut.assign(sum);

        Dsp48Pins pins = new Dsp48Pins(vendor(family.name()), family, bool(true));
        pins.pipeline(1, false);
        pins.enable("CEP", move);
        pins.operands(x.extend(30), w.extend(Dsp48.B_BITS));
        Bool adds = drain.not();
        Bits z = top ? cat(b(0, 1), adds, b(0, 1)) : cat(b(0, 1), adds, drain);
        pins.sum(z, cat(b(0, 1), adds, b(0, 1), adds), s(0, Dsp48.P_BITS), previous);
        pins.vendor().output("P", Dsp48.P_BITS, below).output("PCOUT", Dsp48.P_BITS, cascadeOut);
    }
}
