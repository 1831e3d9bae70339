package tilewright.edge.language;

/** A value of whole numbers: ids and slots by row, or queue offsets. */
final class Indices implements Bound {
    private final RowSpace space;
    private final int width;
    private int[] data = new int[0];

    /** Indices [rows, width] of a space. */
    Indices(RowSpace space, int width) {
        this.space = space;
        this.width = width;
    }

    /** The space whose rows they belong to; null when their number is fixed. */
    RowSpace space() {
        return space;
    }

    int width() {
        return width;
    }

    /** The elements, row by row; room for all rows of this pass. */
    int[] data() {
        int needed = space == null ? width : Math.multiplyExact(space.rows(), width);
        if (data.length < needed) {
            data = new int[needed];
        }
        return data;
    }
}
