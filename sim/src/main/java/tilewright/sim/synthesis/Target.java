package tilewright.sim.synthesis;

/** A device family, as Yosys synthesises for it. */
public enum Target {
    /** AMD 7 series. */
    XC7("synth_xilinx -family xc7 -flatten -noiopad"),
    /** AMD UltraScale+. */
    XCUP("synth_xilinx -family xcup -flatten -noiopad"),
    /** Lattice ECP5. */
    ECP5("synth_ecp5"),
    /** Lattice iCE40, with the multipliers of UltraPlus. */
    ICE40("synth_ice40 -dsp");

    private final String command;

    Target(String command) {
        this.command = command;
    }

    /** The command of Yosys that maps a text to this family. */
    String command(String text) {
        // The pass that makes multipliers of an iCE40 drops the pins of those that are there already.
        return this == ICE40 && text.contains("SB_MAC16 #(") ? "synth_ice40" : command;
    }

    /** What a cell of a netlist counts as. */
    enum Kind {
        /** Lookup table. */
        LUT,
        /** A memory or shift register of lookup tables. */
        LUT_MEMORY,
        FLIP_FLOP,
        MULTIPLIER,
        BLOCK_MEMORY,
        /** Dedicated carry and multiplexers between lookup tables. */
        DEDICATED,
        /** Lookup tables with their carry, as ECP5 has them. */
        LUT_WITH_CARRY,
        /** Drivers of clocks and pins, which count as nothing. */
        BUFFER,
        UNKNOWN
    }

    /** What cells of a type count as; the names of the families do not meet. */
    static Kind kind(String cell) {
        if (cell.matches("LUT[1-6]|SB_LUT4|INV")) {
            return Kind.LUT;
        }
        if (cell.matches("SRL.*|RAM(16|32|64|128|256|512)[XM].*|TRELLIS_DPR16X4")) {
            return Kind.LUT_MEMORY;
        }
        if (cell.matches("FD[RSCP]E(_1)?|LD[CP]E|TRELLIS_FF|SB_DFF.*")) {
            return Kind.FLIP_FLOP;
        }
        if (cell.matches("DSP48E[12]|MULT18X18D|SB_MAC16")) {
            return Kind.MULTIPLIER;
        }
        if (cell.matches("RAMB.*|DP16KD|PDPW16KD|SB_RAM40_4K.*|SB_SPRAM256KA")) {
            return Kind.BLOCK_MEMORY;
        }
        if (cell.matches("CARRY[48]|MUXF[789]|SB_CARRY|PFUMX|L6MUX21")) {
            return Kind.DEDICATED;
        }
        if (cell.matches("BUFG|IBUF|OBUF|SB_GB|SB_IO|TRELLIS_IO")) {
            return Kind.BUFFER;
        }
        return cell.equals("CCU2C") ? Kind.LUT_WITH_CARRY : Kind.UNKNOWN;
    }

    /** The lookup tables that a cell takes. */
    static int lookupTables(String cell) {
        return switch (kind(cell)) {
            case LUT -> 1;
            case LUT_WITH_CARRY -> 2;
            case LUT_MEMORY ->
                switch (cell) {
                    case "RAM32M", "RAM64M", "RAM128X1D", "RAM256X1S" -> 4;
                    case "RAM32M16", "RAM64M8", "RAM512X1S" -> 8;
                    case "RAM32X1D", "RAM64X1D", "RAM128X1S" -> 2;
                    case "TRELLIS_DPR16X4" -> 4;
                    default -> 1;
                };
            case FLIP_FLOP, MULTIPLIER, BLOCK_MEMORY, DEDICATED, BUFFER, UNKNOWN -> 0;
        };
    }
}
