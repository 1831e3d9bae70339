package tilewright.boards;

/** The tools that build for a board, or the platform that runs on it. */
public enum Toolchain implements Labelled {
    /** AMD Vitis HLS and Vivado. */
    VITIS_HLS("vitis-hls"),
    /** Yosys and nextpnr, the open flow. */
    YOSYS_NEXTPNR("yosys-nextpnr"),
    /** TornadoVM, on its CUDA (PTX) or OpenCL backend. */
    TORNADOVM("tornadovm"),
    /** The JVM and its Vector API. */
    JVM("jvm");

    private final String label;

    Toolchain(String label) {
        this.label = label;
    }

    /** The name as written in a board file. */
    @Override
    public String label() {
        return label;
    }

    @Override
    public String toString() {
        return label;
    }
}
