package tilewright.boards;

/** A technology of memory outside the fabric. */
public enum MemoryKind implements Labelled {
    /** DDR3. */
    DDR3("DDR3"),
    /** DDR4. */
    DDR4("DDR4"),
    /** DDR5. */
    DDR5("DDR5"),
    /** LPDDR4 and LPDDR4X. */
    LPDDR4("LPDDR4"),
    /** LPDDR5 and LPDDR5X. */
    LPDDR5("LPDDR5"),
    /** GDDR6 and GDDR6X. */
    GDDR6("GDDR6"),
    /** Stacked memory, second generation. */
    HBM2("HBM2"),
    /** Stacked memory, second generation, extended. */
    HBM2E("HBM2e"),
    /** Stacked memory, third generation. */
    HBM3("HBM3"),
    /** Stacked memory, third generation, extended. */
    HBM3E("HBM3e"),
    /** Single-data-rate synchronous DRAM. */
    SDRAM("SDRAM"),
    /** Static memory on the board. */
    SRAM("SRAM");

    private final String label;

    MemoryKind(String label) {
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
