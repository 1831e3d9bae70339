package tilewright.hw.lang.primitive;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.SInt;

/**
 * The multiplier with accumulator of Lattice iCE40 UltraPlus, 16 x 16 bits signed: {@code p += a * b} modulo
 * {@code 2^32}, 3 clocks after the operands, one product per clock. Lattice FPGA-TN-02007 names the pins.
 */
public final class SbMac16 extends Component {
    /** Bits of an operand. */
    public static final int BITS = 16;

    /** First factor. */
    public final SInt a = in(sint(BITS));
    /** Second factor. */
    public final SInt b = in(sint(BITS));
    /** Whether the registers move on. */
    public final Bool enable = in(bool());
    /** Whether the sum becomes zero at this clock; the product that would be added, of 2 clocks before, is lost. */
    public final Bool clear = in(bool());
    /** The sum. */
    public final SInt p = out(sint(2 * BITS));

    private final SInt aReg = reg(sint(BITS));
    private final SInt bReg = reg(sint(BITS));
    private final SInt product = reg(sint(2 * BITS));
    private final SInt sum = reg(sint(2 * BITS));

    /** A multiplier with accumulator. */
    public SbMac16() {
        when(enable, () -> {
            aReg.assign(a);
            bReg.assign(b);
            product.assign(aReg.times(bReg));
            sum.assign(mux(clear, s(0, 2 * BITS), sum.plusMod(product)));
        });
        p.assign(sum);
        Vendor vendor = vendor("SB_MAC16");
        SbMac16Pins.describe(vendor, true, enable, a, b, null, clear, bool(false));
        vendor.input("BHOLD", bool(false));
        vendor.output("O", 2 * BITS, p);
    }
}
