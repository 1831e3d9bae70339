package tilewright.hw.hls;

/**
 * The sizes of the accelerator's units, as the planner chose them for a board.
 *
 * <p>A memory word holds {@code lanes} elements; every row of a buffer is padded to whole words per group.
 *
 * @param lanes inputs that a tile takes per cycle, and elements per memory word: a power of two, 4 to 64
 * @param tileOutputs outputs that a tile computes per cycle: a multiple of {@code lanes}
 * @param tokenTile rows of the linear unit's input buffer; more tokens are done in several passes over the weights
 * @param queryGroup query rows that attention computes for each key or value that it streams
 * @param normLanes elements that the LayerNorm unit takes per cycle, divides {@code lanes}
 * @param routerExperts experts that the router scores at a time
 * @param weightPorts AXI ports that weights are interleaved over: 1, 2 or 4
 * @param weightStorage where the double-buffered weight tile lives
 * @param inputStorage where the linear unit's input rows live
 * @param clockMhz clock of the design
 * @param part the vendor's part number
 */
public record DesignParameters(
        int lanes,
        int tileOutputs,
        int tokenTile,
        int queryGroup,
        int normLanes,
        int routerExperts,
        int weightPorts,
        Storage weightStorage,
        Storage inputStorage,
        double clockMhz,
        String part) {
    /** Kinds of on-chip memory, as the vendor's tool names them. */
    public enum Storage {
        /** Memory built from LUTs. */
        LUTRAM,
        /** Block RAM. */
        BRAM,
        /** UltraRAM. */
        URAM;

        /** The name in a pragma. */
        public String label() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Checks the relations. */
    public DesignParameters {
        require(Integer.bitCount(lanes) == 1 && lanes >= 4 && lanes <= 64, "lanes", lanes);
        require(tileOutputs > 0 && tileOutputs % lanes == 0, "tileOutputs", tileOutputs);
        require(tokenTile > 0, "tokenTile", tokenTile);
        require(queryGroup > 0, "queryGroup", queryGroup);
        require(normLanes > 0 && lanes % normLanes == 0, "normLanes", normLanes);
        require(routerExperts > 0, "routerExperts", routerExperts);
        require(weightPorts == 1 || weightPorts == 2 || weightPorts == 4, "weightPorts", weightPorts);
    }

    private static void require(boolean holds, String name, int value) {
        if (!holds) {
            throw new IllegalArgumentException("design parameter " + name + " = " + value + " is not possible");
        }
    }

    /** Words of {@code lanes} elements that hold a number of features. */
    public int words(int features) {
        return (features + lanes - 1) / lanes;
    }
}
