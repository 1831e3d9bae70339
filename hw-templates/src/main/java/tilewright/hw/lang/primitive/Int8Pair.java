package tilewright.hw.lang.primitive;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Hdl;
import tilewright.hw.lang.SInt;

/**
 * Two products of int8 with one common factor in one DSP48E2, and their sums: {@code x * w0} in the low
 * {@value #SHIFT} bits of {@code p} and {@code x * w1} above, where the pre-adder has joined the weights to
 * {@code w1 * 2^18 + w0} (AMD WP486). The sums appear 4 clocks after {@code x}; one pair of products per clock.
 *
 * <p>The low sum must stay within 18 bits: at most {@value #MOST_PRODUCTS} products are added before it is taken apart
 * with {@link #low} and {@link #high}.
 */
public final class Int8Pair extends Component {
    /** Where the upper product begins. */
    public static final int SHIFT = 18;
    /** How many products of any value the low sum holds. */
    public static final int MOST_PRODUCTS = 7;

    private static final int PACKED = 27;

    /** The weight of the low product. */
    public final SInt w0;
    /** The weight of the upper product. */
    public final SInt w1;
    /** Whether the weights are taken; they are kept otherwise, and multiply the {@code x} given at the same clock. */
    public final Bool load;
    /** The common factor. */
    public final SInt x;
    /** Whether everything but the weights' registers moves on. */
    public final Bool enable;
    /** For {@link Dsp48.Sum#ACCUMULATE}, given 2 clocks after {@code x}; otherwise null. */
    public final Bool restart;
    /** For {@link Dsp48.Sum#CASCADE}; otherwise null. */
    public final SInt cascade;
    /** Both sums. */
    public final SInt p;
    /** Both sums for the DSP above; null unless asked for. */
    public final SInt cascadeOut;

    private final SInt weight0;
    private final SInt weight1;
    private final SInt weights;
    private final SInt factor1;
    private final SInt factor2;
    private final SInt product;
    private final SInt sum;

    /**
     * A pair of products.
     *
     * @throws IllegalArgumentException for {@link Dsp48.Sum#ADDEND}, which this component has no input for
     */
    public Int8Pair(Dsp48.Sum mode, boolean hasCascadeOut) {
        if (mode == Dsp48.Sum.ADDEND) {
            throw new IllegalArgumentException("a pair of int8 products has no addend; choose another sum");
        }
        w0 = in(sint(8));
        w1 = in(sint(8));
        load = in(bool());
        x = in(sint(8));
        enable = in(bool());
        restart = mode == Dsp48.Sum.ACCUMULATE ? in(bool()) : null;
        cascade = mode == Dsp48.Sum.CASCADE ? in(sint(Dsp48.P_BITS)) : null;
        p = out(sint(Dsp48.P_BITS));
        cascadeOut = hasCascadeOut ? out(sint(Dsp48.P_BITS)) : null;
        weight0 = reg(sint(8));
        weight1 = reg(sint(8));
        weights = reg(sint(PACKED));
        factor1 = reg(sint(8));
        factor2 = reg(sint(8));
        product = reg(sint(PACKED + 8));
        sum = reg(sint(Dsp48.P_BITS));

        when(load, () -> {
            weight0.assign(w0);
            weight1.assign(w1);
        });
        when(enable, () -> {
            weights.assign(weight1.shl(SHIFT).plus(weight0).resize(PACKED));
            factor1.assign(x);
            factor2.assign(factor1);
            product.assign(weights.times(factor2));
            sum.assign(addend(mode).plusMod(product));
        });
        p.assign(sum);
        if (hasCascadeOut) {
            cascadeOut.assign(sum);
        }
        describe(mode);
    }

    private SInt addend(Dsp48.Sum mode) {
        return switch (mode) {
            case ACCUMULATE -> mux(regWhen(restart, enable), s(0, Dsp48.P_BITS), sum);
            case CASCADE -> cascade;
            case NONE, ADDEND -> s(0, Dsp48.P_BITS);
        };
    }

    private void describe(Dsp48.Sum mode) {
        var z = switch (mode) {
            case CASCADE -> Hdl.b(0b001, 3);
            case ACCUMULATE -> cat(Hdl.b(0, 1), restart.not(), Hdl.b(0, 1));
            case NONE, ADDEND -> Hdl.b(0b000, 3);
        };
        Dsp48Pins pins = new Dsp48Pins(vendor("DSP48E2"), Dsp48.Family.DSP48E2, enable);
        pins.pipeline(2, true);
        pins.enable("CEA2", load).enable("CED", load).enable("CEAD", enable).enable("CEB1", enable);
        pins.operands(w0.extend(30), w1.extend(PACKED - SHIFT).shl(SHIFT), x.extend(Dsp48.B_BITS));
        pins.sum(z, s(0, Dsp48.P_BITS), mode == Dsp48.Sum.CASCADE ? cascade : s(0, Dsp48.P_BITS));
        pins.vendor().output("P", Dsp48.P_BITS, p);
        if (cascadeOut != null) {
            pins.vendor().output("PCOUT", Dsp48.P_BITS, cascadeOut);
        }
    }

    /** The low sum of a {@code p}: {@value #SHIFT} bits. */
    public static SInt low(SInt p) {
        return p.low(SHIFT);
    }

    /** The upper sum of a {@code p}, in {@code bits} bits: a negative low sum has borrowed one from it. */
    public static SInt high(SInt p, int bits) {
        SInt upper = p.slice(SHIFT + bits - 1, SHIFT).asSInt();
        return upper.plusMod(p.bit(SHIFT - 1).asUInt().toSInt());
    }
}
