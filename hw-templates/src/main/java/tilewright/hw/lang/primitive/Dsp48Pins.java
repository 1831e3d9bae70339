package tilewright.hw.lang.primitive;

import static tilewright.hw.lang.Hdl.b;
import static tilewright.hw.lang.Hdl.bool;
import static tilewright.hw.lang.Hdl.cat;

import java.util.List;
import tilewright.hw.lang.Bits;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Data;

/** The parameters and pins that all uses of a DSP48 have in common. */
final class Dsp48Pins {
    private static final List<String> RESETS = List.of(
            "RSTA", "RSTALLCARRYIN", "RSTALUMODE", "RSTB", "RSTC", "RSTCTRL", "RSTD", "RSTINMODE", "RSTM", "RSTP");

    private final Component.Vendor vendor;
    private final Dsp48.Family family;
    private final Bool enable;

    Dsp48Pins(Component.Vendor vendor, Dsp48.Family family, Bool enable) {
        this.vendor = vendor;
        this.family = family;
        this.enable = enable;
    }

    Component.Vendor vendor() {
        return vendor;
    }

    /** Registers: one of each on the way, and, with the pre-adder, two on the way of B. */
    void pipeline(boolean preAdder) {
        int b = preAdder ? 2 : 1;
        vendor.parameter("AREG", 1)
                .parameter("ACASCREG", 1)
                .parameter("BREG", b)
                .parameter("BCASCREG", b);
        vendor.parameter("CREG", 1).parameter("DREG", preAdder ? 1 : 0).parameter("ADREG", preAdder ? 1 : 0);
        vendor.parameter("MREG", 1)
                .parameter("PREG", 1)
                .parameter("OPMODEREG", 1)
                .parameter("ALUMODEREG", 0);
        vendor.parameter("CARRYINREG", 0).parameter("CARRYINSELREG", 0).parameter("INMODEREG", 0);
        if (family == Dsp48.Family.DSP48E1) {
            vendor.parameter("USE_DPORT", preAdder ? "\"TRUE\"" : "\"FALSE\"");
        } else {
            vendor.parameter("AMULTSEL", preAdder ? "\"AD\"" : "\"A\"").parameter("PREADDINSEL", "\"A\"");
        }
        vendor.clock("CLK").input("INMODE", b(preAdder ? 0b00100 : 0, 5));
        for (String pin : List.of("CEM", "CEP", "CEC", "CECTRL", "CEB2")) {
            vendor.input(pin, enable);
        }
        for (String pin : List.of("CEA1", "CEALUMODE", "CECARRYIN", "CEINMODE")) {
            vendor.input(pin, bool(false));
        }
        RESETS.forEach(pin -> vendor.input(pin, bool(false)));
    }

    /** Operands without the pre-adder. */
    void operands(Data a, Data b) {
        vendor.input("A", a).input("B", b).input("D", b(0, family.aBits()));
        vendor.input("CEA2", enable);
        for (String pin : List.of("CEAD", "CED", "CEB1")) {
            vendor.input(pin, bool(false));
        }
    }

    /** Operands {@code (a + d) * b}, where {@code load} says when {@code a} and {@code d} are taken. */
    void operands(Data a, Data d, Data b, Bool load) {
        vendor.input("A", a).input("B", b).input("D", d);
        vendor.input("CEA2", load).input("CED", load).input("CEAD", enable).input("CEB1", enable);
    }

    /** The sum: {@code z} chooses what is added to the product. */
    void sum(Bits z, Data c, Data cascade) {
        Bits product = b(0b0101, 4);
        vendor.input("OPMODE", family == Dsp48.Family.DSP48E1 ? cat(z, product) : cat(b(0, 2), z, product));
        vendor.input("C", c).input("PCIN", cascade).input("ALUMODE", b(0, 4));
        vendor.input("CARRYIN", bool(false)).input("CARRYINSEL", b(0, 3)).input("CARRYCASCIN", bool(false));
        vendor.input("MULTSIGNIN", bool(false)).input("ACIN", b(0, 30)).input("BCIN", b(0, 18));
    }
}
