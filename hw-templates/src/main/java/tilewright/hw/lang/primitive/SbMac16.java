package tilewright.hw.lang.primitive;

import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Hdl;
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
        vendor.parameter("A_REG", "1'b1").parameter("B_REG", "1'b1");
        vendor.parameter("A_SIGNED", "1'b1").parameter("B_SIGNED", "1'b1");
        vendor.parameter("TOP_8x8_MULT_REG", "1'b1").parameter("BOT_8x8_MULT_REG", "1'b1");
        vendor.parameter("PIPELINE_16x16_MULT_REG1", "1'b1").parameter("PIPELINE_16x16_MULT_REG2", "1'b0");
        // Both adders add the product's halves to their own registers; the upper takes the lower's carry.
        vendor.parameter("TOPOUTPUT_SELECT", "2'b01").parameter("BOTOUTPUT_SELECT", "2'b01");
        vendor.parameter("TOPADDSUB_LOWERINPUT", "2'b10").parameter("BOTADDSUB_LOWERINPUT", "2'b10");
        vendor.parameter("TOPADDSUB_UPPERINPUT", "1'b0").parameter("BOTADDSUB_UPPERINPUT", "1'b0");
        vendor.parameter("TOPADDSUB_CARRYSELECT", "2'b10").parameter("BOTADDSUB_CARRYSELECT", "2'b00");
        vendor.clock("CLK").input("CE", enable).input("A", a).input("B", b);
        vendor.input("C", Hdl.b(0, BITS)).input("D", Hdl.b(0, BITS));
        vendor.input("OLOADTOP", clear).input("OLOADBOT", clear);
        for (String pin : new String[] {
            "AHOLD",
            "BHOLD",
            "CHOLD",
            "DHOLD",
            "IRSTTOP",
            "IRSTBOT",
            "ORSTTOP",
            "ORSTBOT",
            "ADDSUBTOP",
            "ADDSUBBOT",
            "OHOLDTOP",
            "OHOLDBOT",
            "CI",
            "ACCUMCI",
            "SIGNEXTIN"
        }) {
            vendor.input(pin, bool(false));
        }
        vendor.output("O", 2 * BITS, p);
    }
}
