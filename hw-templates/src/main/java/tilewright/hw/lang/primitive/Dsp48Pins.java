package tilewright.hw.lang.primitive;

import static tilewright.hw.lang.Hdl.b;
import static tilewright.hw.lang.Hdl.bool;
import static tilewright.hw.lang.Hdl.cat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private final Map<String, Bool> enables = new LinkedHashMap<>();

    /** Pins of a block all of whose used registers move on with one enable, unless {@link #enable} says otherwise. */
    Dsp48Pins(Component.Vendor vendor, Dsp48.Family family, Bool enable) {
        this.vendor = vendor;
        this.family = family;
        for (String pin : List.of("CEM", "CEP", "CEC", "CECTRL", "CEB2", "CEA2")) {
            enables.put(pin, enable);
        }
        for (String pin : List.of("CEA1", "CEALUMODE", "CECARRYIN", "CEINMODE", "CEB1", "CEAD", "CED")) {
            enables.put(pin, bool(false));
        }
    }

    /** Gives registers an enable of their own. */
    Dsp48Pins enable(String pin, Bool value) {
        enables.put(pin, value);
        return this;
    }

    Component.Vendor vendor() {
        return vendor;
    }

    /** Registers: one of each on the way, and {@code bRegisters} on the way of B. */
    void pipeline(int bRegisters, boolean preAdder) {
        vendor.parameter("AREG", 1)
                .parameter("ACASCREG", 1)
                .parameter("BREG", bRegisters)
                .parameter("BCASCREG", bRegisters);
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
        RESETS.forEach(pin -> vendor.input(pin, bool(false)));
    }

    /** Operands {@code a * b}, or {@code (a + d) * b} with the pre-adder. */
    void operands(Data a, Data d, Data b) {
        vendor.input("A", a).input("B", b).input("D", d);
    }

    /** Operands {@code a * b}. */
    void operands(Data a, Data b) {
        operands(a, b(0, family.aBits()), b);
    }

    /** The sum: {@code z} chooses what is added to the product. */
    void sum(Bits z, Data c, Data cascade) {
        sum(z, b(0b0101, 4), c, cascade);
    }

    /** The sum: {@code z} chooses what is added to what {@code product} chooses. */
    void sum(Bits z, Bits product, Data c, Data cascade) {
        enables.forEach(vendor::input);
        vendor.input("OPMODE", family == Dsp48.Family.DSP48E1 ? cat(z, product) : cat(b(0, 2), z, product));
        vendor.input("C", c).input("PCIN", cascade).input("ALUMODE", b(0, 4));
        vendor.input("CARRYIN", bool(false)).input("CARRYINSEL", b(0, 3)).input("CARRYCASCIN", bool(false));
        vendor.input("MULTSIGNIN", bool(false)).input("ACIN", b(0, 30)).input("BCIN", b(0, 18));
    }
}
