package tilewright.boards;

import java.util.List;

/** A device family: what kind of board it makes and which multiplier its fabric has. */
public enum Family implements Labelled {
    /** AMD UltraScale+ (Zynq, Kintex, Virtex, Alveo). */
    ULTRASCALE_PLUS("ultrascale+", BoardKind.FPGA, DspKind.DSP48E2),
    /** AMD Versal. */
    VERSAL("versal", BoardKind.FPGA, DspKind.DSP58),
    /** AMD 7 series and Zynq-7000. */
    SERIES_7("7series", BoardKind.FPGA, DspKind.DSP48E1),
    /** Lattice ECP5. */
    ECP5("ecp5", BoardKind.FPGA, DspKind.MULT18X18D),
    /** Lattice iCE40; only its UltraPlus devices have multipliers. */
    ICE40("ice40", BoardKind.FPGA, DspKind.SB_MAC16),
    /** NVIDIA Ampere. */
    AMPERE("ampere", BoardKind.GPU, DspKind.NONE),
    /** NVIDIA Hopper. */
    HOPPER("hopper", BoardKind.GPU, DspKind.NONE),
    /** Any general-purpose processor. */
    CPU("cpu", BoardKind.CPU, DspKind.NONE);

    private final String label;
    private final BoardKind kind;
    private final DspKind dspKind;

    Family(String label, BoardKind kind, DspKind dspKind) {
        this.label = label;
        this.kind = kind;
        this.dspKind = dspKind;
    }

    /** The name as written in a board file. */
    @Override
    public String label() {
        return label;
    }

    /** The kind of every board of this family. */
    public BoardKind kind() {
        return kind;
    }

    /** The multiplier that this family's fabric has; {@link DspKind#NONE} for processors. */
    public DspKind dspKind() {
        return dspKind;
    }

    /** The families that boards of {@code kind} may name. */
    static List<Family> of(BoardKind kind) {
        return List.of(values()).stream().filter(family -> family.kind == kind).toList();
    }

    @Override
    public String toString() {
        return label;
    }
}
