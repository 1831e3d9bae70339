package tilewright.edge.matrix;

/** Kernels that multiply with a run of panels of one layout at a time. */
abstract sealed class PanelKernels implements MatrixKernels permits NativeKernels, VectorKernels {
    @Override
    public final void multiply(
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
        if (rows == 0) {
            return;
        }
        for (Section section : weights.sections()) {
            int first = Math.max(0, firstPanel - section.firstPanel());
            int last = Math.min(section.panels(), lastPanel - section.firstPanel());
            while (first < last) {
                Section.Run run = section.run(first, last, scratch);
                Panels panels = run.panels();
                int output = section.firstRow() + run.shift();
                PanelResults to = new PanelResults(panels.rows(), bias, biasAt + output, y, yAt + output, yStride);
                multiply(panels, x, firstRow, rows, run.first(), run.first() + run.count(), to, scratch);
                first += run.count();
            }
        }
    }

    /** The product with some panels; arguments as of {@link MatrixKernels#multiply}, and checked. */
    abstract void multiply(
            Panels panels,
            Activations x,
            int firstRow,
            int rows,
            int firstPanel,
            int lastPanel,
            PanelResults to,
            KernelScratch scratch);
}
