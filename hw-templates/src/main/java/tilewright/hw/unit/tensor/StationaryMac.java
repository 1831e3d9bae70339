package tilewright.hw.unit.tensor;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;
import tilewright.hw.lang.primitive.Int8Stationary;
import tilewright.hw.lang.primitive.Mult18x18d;
import tilewright.hw.lang.primitive.SbMac16;
import tilewright.hw.lang.primitive.SbMac16Chain;

/**
 * An int8 multiply-accumulate element with a resident weight, double-buffered: {@code below = above + x * weight}.
 *
 * <p>Timing: {@code above} is added {@link MacBlock#productLatency} clocks after {@code x}, {@code below} comes one clock
 * later; one product per clock. Resources: one DSP48 and nothing else; SB_MAC16 and 8 FF; MULT18X18D with 8 FF and
 * an adder of 24 bits with its register; in logic 16 bits more of registers, the factor, the product and a multiplier.
 */
public final class StationaryMac extends Component {
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
    /** The sum of the element above; null at the top, which adds to nothing. */
    public final SInt above;
    /** The sum, {@link MacBlock#sumBits} bits. */
    public final SInt below;

    /** An element. */
    public StationaryMac(MacBlock block, boolean top) {
        above = top ? null : in(sint(block.sumBits()));
        below = out(sint(block.sumBits()));
        switch (block) {
            case DSP48E1, DSP48E2 -> {
                Int8Stationary dsp = child(() -> new Int8Stationary(block.family(), top));
                dsp.weight.assign(weight);
                dsp.load.assign(load);
                dsp.swap.assign(swap);
                dsp.x.assign(x);
                dsp.enable.assign(enable);
                if (!top) {
                    dsp.above.assign(above);
                }
                below.assign(dsp.cascadeOut);
            }
            case SB_MAC16 -> {
                SbMac16Chain dsp = child(() -> new SbMac16Chain(false, top));
                dsp.a.assign(x.extend(SbMac16.BITS));
                dsp.b.assign(next().extend(SbMac16.BITS));
                dsp.take.assign(swap);
                dsp.enable.assign(enable);
                if (!top) {
                    dsp.above.assign(above);
                }
                below.assign(dsp.below);
            }
            case MULT18X18D -> {
                Mult18x18d dsp = child(() -> new Mult18x18d(true));
                dsp.a.assign(x.extend(Mult18x18d.BITS));
                dsp.b.assign(next().extend(Mult18x18d.BITS));
                dsp.take.assign(swap);
                dsp.enable.assign(enable);
                below.assign(sum(dsp.p.low(16)));
            }
            case LOGIC -> {
                SInt used = regWhen(next(), swap).named("used");
                SInt factor = regWhen(x, enable).named("factor");
                below.assign(sum(regWhen(factor.times(used), enable).named("product")));
            }
        }
    }

    private SInt next() {
        return regWhen(weight, load).named("next");
    }

    private SInt sum(SInt product) {
        SInt wide = product.extend(below.width());
        return regWhen(above == null ? wide : above.plusMod(wide), enable).named("total");
    }
}
