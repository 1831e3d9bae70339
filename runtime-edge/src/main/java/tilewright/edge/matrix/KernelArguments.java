package tilewright.edge.matrix;

/** What every kernel set checks before it begins. */
final class KernelArguments {
    private KernelArguments() {}

    /** Refuses rows, panels and widths that do not fit; see {@link MatrixKernels#multiply}. */
    static void check(MatrixWeights weights, Activations x, int firstRow, int rows, int firstPanel, int lastPanel) {
        if (x.width() != weights.width()) {
            throw new IllegalArgumentException(
                    "rows of " + x.width() + " activations meet " + weights + ", expected " + weights.width());
        }
        if (firstRow < 0 || rows < 0 || firstRow + rows > x.rows()) {
            throw new IllegalArgumentException(
                    rows + " rows from row " + firstRow + " on, expected some of " + x.rows());
        }
        if (firstPanel < 0 || lastPanel < firstPanel || lastPanel > weights.panels()) {
            throw new IllegalArgumentException("panels " + firstPanel + " to " + lastPanel + " of " + weights
                    + ", expected some of " + weights.panels());
        }
    }
}
