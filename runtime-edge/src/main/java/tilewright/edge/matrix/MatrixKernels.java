package tilewright.edge.matrix;

/**
 * A set of kernels for products of rows with {@link MatrixWeights}; stateless, for use by any number of threads.
 *
 * <p>Every output is one chain of operations in the order of the width: the result depends on the weights, the row, the
 * precision and, for some kernels, on how many rows there are, never on the number of threads or on how panels are shared among them.
 */
public interface MatrixKernels {
    /**
     * Computes {@code y[r][o] = sum over i of x[r][i] * w[o][i] (+ bias[o])} for the outputs of some panels.
     *
     * @param weights packed here if they are not yet
     * @param x the activation rows, of the weights' width
     * @param firstRow first row of {@code x} to use
     * @param rows how many rows of {@code x} to use, not negative
     * @param firstPanel first of the weights' panels to compute
     * @param lastPanel the panel after the last, at most {@link MatrixWeights#panels()}
     * @param bias one element per output, or null for none
     * @param biasAt where output 0's bias is
     * @param y takes the results; only elements of these rows and outputs are written
     * @param yAt where output 0 of the first row goes
     * @param yStride from one row of {@code y} to the next
     * @param scratch this thread's own
     * @throws IllegalArgumentException when widths differ, and for a range outside the rows or panels
     */
    void multiply(
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
            KernelScratch scratch);

    /**
     * The same for all rows and panels, shared among threads: a long run of panels for each, so that every thread reads one
     * stream.
     */
    default void multiply(
            Parallel threads,
            MatrixWeights weights,
            Activations x,
            float[] bias,
            int biasAt,
            float[] y,
            int yAt,
            int yStride) {
        int chunk = weights.chunkPanels(threads.threads());
        threads.forEach(
                Math.ceilDiv(weights.panels(), chunk),
                (item, scratch) -> multiply(
                        weights,
                        x,
                        0,
                        x.rows(),
                        item * chunk,
                        Math.min(weights.panels(), (item + 1) * chunk),
                        bias,
                        biasAt,
                        y,
                        yAt,
                        yStride,
                        scratch));
    }

    /** New activations, without rows yet, in the forms that these kernels read. */
    default Activations activations() {
        return new Activations();
    }

    /** The fastest kernels there are on this machine: see {@link KernelChoice#AUTO}. */
    static MatrixKernels best() {
        return KernelChoice.AUTO.kernels();
    }
}
