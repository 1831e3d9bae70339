package tilewright.edge.matrix;

/** Plain kernels that decode every row and sum in float64: the reference, and what runs where nothing faster does. */
public final class ScalarKernels implements MatrixKernels {
    /** The only one. */
    public static final ScalarKernels INSTANCE = new ScalarKernels();

    private ScalarKernels() {}

    @Override
    public void multiply(
            MatrixWeights weights,
            Activations x,
            int firstRow,
            int rows,
            int firstPanel,
            int lastPanel,
            float[] bias,
            int biasAt,
            float[] y,
            int yAt,
            int yStride,
            KernelScratch scratch) {
        KernelArguments.check(weights, x, firstRow, rows, firstPanel, lastPanel);
        float[] values = scratch.panel(weights.width());
        for (Section section : weights.sections()) {
            int first = Math.max(0, firstPanel - section.firstPanel()) * PanelLayout.PANEL_ROWS;
            int last = Math.min(section.rows(), (lastPanel - section.firstPanel()) * PanelLayout.PANEL_ROWS);
            for (int row = first; row < last; row++) {
                PanelReader.row(section.packed(), row, values, 0);
                int output = section.firstRow() + row;
                double start = bias == null ? 0 : bias[biasAt + output];
                for (int r = 0; r < rows; r++) {
                    y[yAt + r * yStride + output] =
                            (float) dot(x.values(), (firstRow + r) * x.stride(), values, x.width(), start);
                }
            }
        }
    }

    private static double dot(float[] x, int at, float[] w, int width, double start) {
        double sum = start;
        for (int i = 0; i < width; i++) {
            sum += (double) x[at + i] * w[i];
        }
        return sum;
    }
}
