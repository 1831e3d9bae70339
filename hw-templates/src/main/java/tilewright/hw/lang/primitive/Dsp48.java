package tilewright.hw.lang.primitive;

import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Hdl;
import tilewright.hw.lang.SInt;

/**
 * A DSP48E1 (7 series) or DSP48E2 (UltraScale+) that multiplies and adds: {@code p = z + a * b}, all registers in use.
 * The sum appears 3 clocks after its operands; one multiplication per clock.
 *
 * <p>What {@code z} is, {@link Sum} says. AMD UG479 (7 series) and UG579 (UltraScale) name the pins and modes.
 */
public final class Dsp48 extends Component {
    /** Bits of the operand {@code b}. */
    public static final int B_BITS = 18;
    /** Bits of the sum. */
    public static final int P_BITS = 48;

    /** Which primitive. */
    public enum Family {
        /** 7 series: 25 x 18 bits. */
        DSP48E1(25),
        /** UltraScale and UltraScale+: 27 x 18 bits. */
        DSP48E2(27);

        private final int aBits;

        Family(int aBits) {
            this.aBits = aBits;
        }

        /** Bits of the operand {@code a}. */
        public int aBits() {
            return aBits;
        }
    }

    /** What is added to the product. */
    public enum Sum {
        /** Nothing. */
        NONE,
        /** The input {@code c}, given one clock after the operands. */
        ADDEND,
        /** The sum before; nothing where {@code restart} held one clock after the operands. */
        ACCUMULATE,
        /**
         * The input {@code cascade}, which only the {@code cascadeOut} of the DSP below can drive, at the clock at which
         * this product is added: the operands here are one clock later than there.
         */
        CASCADE
    }

    /** Multiplier's wide operand. */
    public final SInt a;
    /** Multiplier's narrow operand. */
    public final SInt b;
    /** Whether the registers move on; all of them. */
    public final Bool enable;
    /** For {@link Sum#ADDEND}; otherwise null. */
    public final SInt c;
    /** For {@link Sum#ACCUMULATE}; otherwise null. */
    public final Bool restart;
    /** For {@link Sum#CASCADE}; otherwise null. */
    public final SInt cascade;
    /** The sum, modulo {@code 2^48}. */
    public final SInt p;
    /** The sum for the DSP above; null unless asked for. */
    public final SInt cascadeOut;

    private final SInt aReg;
    private final SInt bReg;
    private final SInt product;
    private final SInt sum;

    /** A DSP; {@code hasCascadeOut} adds the dedicated output to the DSP above. */
    public Dsp48(Family family, Sum mode, boolean hasCascadeOut) {
        a = in(sint(family.aBits));
        b = in(sint(B_BITS));
        enable = in(bool());
        c = mode == Sum.ADDEND ? in(sint(P_BITS)) : null;
        restart = mode == Sum.ACCUMULATE ? in(bool()) : null;
        cascade = mode == Sum.CASCADE ? in(sint(P_BITS)) : null;
        p = out(sint(P_BITS));
        cascadeOut = hasCascadeOut ? out(sint(P_BITS)) : null;
        aReg = reg(sint(family.aBits));
        bReg = reg(sint(B_BITS));
        product = reg(sint(family.aBits + B_BITS));
        sum = reg(sint(P_BITS));

        when(enable, () -> {
            aReg.assign(a);
            bReg.assign(b);
            product.assign(aReg.times(bReg));
            sum.assign(addend(mode).plusMod(product));
        });
        p.assign(sum);
        if (hasCascadeOut) {
            cascadeOut.assign(sum);
        }
        describe(family, mode);
    }

    @Override
    protected String moduleName() {
        return "Dsp48";
    }

    private SInt addend(Sum mode) {
        return switch (mode) {
            case NONE -> s(0, P_BITS);
            case ADDEND -> regWhen(c, enable);
            case ACCUMULATE -> mux(regWhen(restart, enable), s(0, P_BITS), sum);
            case CASCADE -> cascade;
        };
    }

    private void describe(Family family, Sum mode) {
        Bits z = switch (mode) {
            case NONE -> Hdl.b(0b000, 3);
            case CASCADE -> Hdl.b(0b001, 3);
            case ACCUMULATE -> cat(Hdl.b(0, 1), restart.not(), Hdl.b(0, 1));
            case ADDEND -> Hdl.b(0b011, 3);
        };
        Dsp48Pins pins = new Dsp48Pins(vendor(family.name()), family, enable);
        pins.pipeline(1, false);
        pins.operands(a.extend(30), b);
        pins.sum(z, mode == Sum.ADDEND ? c : s(0, P_BITS), mode == Sum.CASCADE ? cascade : s(0, P_BITS));
        pins.vendor().output("P", P_BITS, p);
        if (cascadeOut != null) {
            pins.vendor().output("PCOUT", P_BITS, cascadeOut);
        }
    }
}
