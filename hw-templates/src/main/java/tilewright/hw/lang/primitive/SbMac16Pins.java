package tilewright.hw.lang.primitive;

import static tilewright.hw.lang.Hdl.bool;

import java.util.List;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Hdl;
import tilewright.hw.lang.SInt;

/** The parameters and pins that all uses of an SB_MAC16 have in common: one 16 x 16 bit product, all registers in use. */
final class SbMac16Pins {
    private SbMac16Pins() {}

    /**
     * Describes a block that adds {@code above} to the product, or its own sum where {@code accumulates} holds, and
     * whose sum becomes {@code above} where {@code load} holds and stays where {@code hold} does.
     */
    static void describe(
            Component.Vendor vendor,
            boolean accumulates,
            Bool enable,
            SInt a,
            SInt b,
            SInt above,
            Bool load,
            Bool hold) {
        vendor.parameter("A_REG", "1'b1").parameter("B_REG", "1'b1");
        vendor.parameter("A_SIGNED", "1'b1").parameter("B_SIGNED", "1'b1");
        vendor.parameter("TOP_8x8_MULT_REG", "1'b1").parameter("BOT_8x8_MULT_REG", "1'b1");
        vendor.parameter("PIPELINE_16x16_MULT_REG1", "1'b1").parameter("PIPELINE_16x16_MULT_REG2", "1'b0");
        // Both adders add the product's halves to their own registers or to C and D; the upper takes the lower's carry.
        String addend = accumulates ? "1'b0" : "1'b1";
        vendor.parameter("TOPOUTPUT_SELECT", "2'b01").parameter("BOTOUTPUT_SELECT", "2'b01");
        vendor.parameter("TOPADDSUB_LOWERINPUT", "2'b10").parameter("BOTADDSUB_LOWERINPUT", "2'b10");
        vendor.parameter("TOPADDSUB_UPPERINPUT", addend).parameter("BOTADDSUB_UPPERINPUT", addend);
        vendor.parameter("TOPADDSUB_CARRYSELECT", "2'b10").parameter("BOTADDSUB_CARRYSELECT", "2'b00");
        vendor.clock("CLK").input("CE", enable).input("A", a).input("B", b);
        vendor.input("C", above == null ? Hdl.b(0, SbMac16.BITS) : above.slice(31, 16));
        vendor.input("D", above == null ? Hdl.b(0, SbMac16.BITS) : above.slice(15, 0));
        vendor.input("OLOADTOP", load).input("OLOADBOT", load);
        vendor.input("OHOLDTOP", hold).input("OHOLDBOT", hold);
        for (String pin : List.of(
                "AHOLD",
                "CHOLD",
                "DHOLD",
                "IRSTTOP",
                "IRSTBOT",
                "ORSTTOP",
                "ORSTBOT",
                "ADDSUBTOP",
                "ADDSUBBOT",
                "CI",
                "ACCUMCI",
                "SIGNEXTIN")) {
            vendor.input(pin, bool(false));
        }
    }
}
