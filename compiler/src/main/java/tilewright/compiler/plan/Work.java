package tilewright.compiler.plan;

/**
 * Time and traffic of a step, a block or a task on one image.
 *
 * @param computeCycles cycles in which the unit's multipliers or lanes are busy
 * @param memoryCycles cycles that the bytes moved take at the memory's rate
 * @param cycles time from start to end: compute and transfers overlapped as far as the loops do, fills and latency added
 * @param weightBytes weights read, padding included
 * @param parameterBytes biases, factors, tables and LayerNorm parameters read
 * @param activationBytes activations, residuals and pixels read and written
 */
public record Work(
        double computeCycles,
        double memoryCycles,
        double cycles,
        double weightBytes,
        double parameterBytes,
        double activationBytes) {
    /** Nothing. */
    public static final Work NONE = new Work(0, 0, 0, 0, 0, 0);

    /** The sum. */
    public Work plus(Work other) {
        return new Work(
                computeCycles + other.computeCycles,
                memoryCycles + other.memoryCycles,
                cycles + other.cycles,
                weightBytes + other.weightBytes,
                parameterBytes + other.parameterBytes,
                activationBytes + other.activationBytes);
    }

    /** This work done a number of times, which may be an expectation. */
    Work times(double count) {
        return new Work(
                computeCycles * count,
                memoryCycles * count,
                cycles * count,
                weightBytes * count,
                parameterBytes * count,
                activationBytes * count);
    }

    /** This work with more cycles. */
    Work later(double more) {
        return new Work(computeCycles, memoryCycles, cycles + more, weightBytes, parameterBytes, activationBytes);
    }

    /** All bytes moved. */
    public double bytes() {
        return weightBytes + parameterBytes + activationBytes;
    }
}
