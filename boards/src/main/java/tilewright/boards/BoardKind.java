package tilewright.boards;

/** What a board computes with. */
public enum BoardKind implements Labelled {
    /** Programmable logic: has {@link Resources} and AXI ports. */
    FPGA("fpga"),
    /** Graphics processor: has {@link Compute}, in streaming multiprocessors. */
    GPU("gpu"),
    /** General-purpose processor: has {@link Compute}, in cores. */
    CPU("cpu");

    private final String label;

    BoardKind(String label) {
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
