package tilewright.hw.unit.tensor;

/**
 * How large a tile is and what it is built of.
 *
 * @param block what an element is built of
 * @param rows activations at a time, 2 to 256
 * @param columns results at a time, 1 to 256
 * @param packed whether two columns share the blocks of one: DSP48E2, at most 16 rows, columns in pairs, weights from
 *     -127 to 127
 */
public record TileShape(MacBlock block, int rows, int columns, boolean packed) {
    private static final int MOST = 256;
    private static final int MOST_PACKED_ROWS = 16;

    /** Checks the sizes. */
    public TileShape {
        if (rows < 2 || rows > MOST || columns < 1 || columns > MOST) {
            throw new IllegalArgumentException("a tile of " + rows + " x " + columns + " elements; 2 x 1 to " + MOST
                    + " x " + MOST + " can be built");
        }
        if (packed && (block != MacBlock.DSP48E2 || rows > MOST_PACKED_ROWS || columns % 2 != 0)) {
            throw new IllegalArgumentException("a packed tile of " + rows + " x " + columns + " elements of " + block
                    + "; packing needs DSP48E2, at most " + MOST_PACKED_ROWS + " rows and an even number of columns");
        }
    }

    /** Bits of a sum of as many products as there are rows. */
    public int sumBits() {
        return 16 + Integer.SIZE - Integer.numberOfLeadingZeros(rows - 1);
    }

    /** The hard multipliers it takes. */
    public int blocks() {
        return block == MacBlock.LOGIC ? 0 : packed ? rows * columns / 2 : rows * columns;
    }
}
