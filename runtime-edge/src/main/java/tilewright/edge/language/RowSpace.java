package tilewright.edge.language;

/** Rows that belong together, and whose number is known only when a pass runs: its tokens, the wanted ones, routed ones. */
final class RowSpace {
    private final RowSpace parent;
    private final int factor;
    private int rows;
    /** Of spaces of tokens: each row's position in its sequence, and the sequence's length after the step. */
    private int[] positions = new int[0];

    private int[] lengths = new int[0];

    private RowSpace(RowSpace parent, int factor) {
        this.parent = parent;
        this.factor = factor;
    }

    /** A space of tokens. */
    static RowSpace tokens() {
        return new RowSpace(null, 1);
    }

    /** The space of {@code factor} rows for each row of this one. */
    RowSpace times(int times) {
        return new RowSpace(this, times);
    }

    /** The number of rows in this pass. */
    int rows() {
        return parent == null ? rows : parent.rows() * factor;
    }

    /** Rows for each token. */
    int perToken() {
        return parent == null ? 1 : parent.perToken() * factor;
    }

    /** The space of tokens that this one comes from. */
    RowSpace root() {
        return parent == null ? this : parent.root();
    }

    /** Begins a pass with this many tokens. */
    void begin(int count) {
        rows = count;
        if (positions.length < count) {
            positions = new int[count];
            lengths = new int[count];
        }
    }

    /** Says where a row's token is. */
    void place(int row, int position, int length) {
        positions[row] = position;
        lengths[row] = length;
    }

    /** A token's position in its sequence. */
    int position(int row) {
        return positions[row];
    }

    /** The length that a token's sequence has after the step. */
    int length(int row) {
        return lengths[row];
    }
}
