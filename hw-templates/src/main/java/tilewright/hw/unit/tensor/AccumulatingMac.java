package tilewright.hw.unit.tensor;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.primitive.Int8Accumulator;
import tilewright.hw.lang.primitive.Mult18x18d;
import tilewright.hw.lang.primitive.SbMac16;
import tilewright.hw.lang.primitive.SbMac16Chain;

/**
 * An int8 multiply-accumulate element with a resident sum: {@code below += x * w}; a column of them is read out at its
 * lower end, as each takes the sum above, and is zero afterwards.
 *
 * <p>Timing: a product can be added {@link MacBlock#productLatency} clocks after its operands; one per clock. Resources:
 * one DSP48, or SB_MAC16 and 1 FF, and nothing else; MULT18X18D and in logic an adder with a multiplexer before it and
 * 32 FF.
 */
public final class AccumulatingMac extends Component {
    /** Bits of the sum. */
    public static final int SUM_BITS = 32;

    /** The activation. */
    public final SInt x = in(sint(8));
    /** The weight. */
    public final SInt w = in(sint(8));
    /** Whether the sum changes. */
    public final Bool move = in(bool());
    /** Given one clock before {@code move}: the sum is replaced by the one above, by zero at the top. */
    public final Bool drain = in(bool());
    /** The sum of the element above; null at the top. */
    public final SInt above;
    /** The sum, {@link #SUM_BITS} bits or, in a DSP48, all of its bits. */
    public final SInt below;

    /** An element. */
    public AccumulatingMac(MacBlock block, boolean top) {
        int bits = bits(block);
        above = top ? null : in(sint(bits));
        below = out(sint(bits));
        switch (block) {
            case DSP48E1, DSP48E2 -> {
                Int8Accumulator dsp = child(() -> new Int8Accumulator(block.family(), top));
                dsp.x.assign(x);
                dsp.w.assign(w);
                dsp.move.assign(move);
                dsp.drain.assign(drain);
                if (!top) {
                    dsp.above.assign(above);
                }
                below.assign(dsp.cascadeOut);
            }
            case SB_MAC16 -> {
                SbMac16Chain dsp = child(() -> new SbMac16Chain(true, top));
                dsp.a.assign(x.extend(SbMac16.BITS));
                dsp.b.assign(w.extend(SbMac16.BITS));
                dsp.enable.assign(true);
                dsp.move.assign(move);
                dsp.drain.assign(regNext(drain).named("drains"));
                if (!top) {
                    dsp.above.assign(above);
                }
                below.assign(dsp.below);
            }
            case MULT18X18D -> {
                Mult18x18d dsp = child(Mult18x18d::new);
                dsp.a.assign(x.extend(Mult18x18d.BITS));
                dsp.b.assign(w.extend(Mult18x18d.BITS));
                dsp.enable.assign(true);
                below.assign(sum(dsp.p.low(16)));
            }
            case LOGIC -> {
                SInt activation = regNext(x).named("activation");
                SInt weight = regNext(w).named("weight");
                below.assign(sum(regNext(activation.times(weight)).named("product")));
            }
        }
    }

    /** Bits of the sum of an element. */
    public static int bits(MacBlock block) {
        return block.sumBits() == 48 ? 48 : SUM_BITS;
    }

    /** One adder: of the product to the sum or, where it drains, of zero to the sum above. */
    private SInt sum(SInt product) {
        Bool drains = regNext(drain).named("drains");
        SInt total = reg(sint(SUM_BITS)).named("total");
        SInt base = mux(drains, above == null ? s(0, SUM_BITS) : above, total);
        SInt added = mux(drains, s(0, SUM_BITS), product.extend(SUM_BITS));
        when(move, () -> total.assign(base.plusMod(added)));
        return total;
    }
}
