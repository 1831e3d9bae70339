package tilewright.compiler.plan;

/**
 * How external memory behaves beyond its peak rate.
 *
 * @param efficiency share of the peak rate that long bursts reach, 0 to 1
 * @param latencyCycles cycles from the request of a burst that nothing hides to its first word
 */
public record MemoryTiming(double efficiency, int latencyCycles) {
    /** What estimates use: see {@link Coefficients#DRAM_EFFICIENCY} and {@link Coefficients#DRAM_LATENCY_CYCLES}. */
    public static final MemoryTiming TYPICAL =
            new MemoryTiming(Coefficients.DRAM_EFFICIENCY, Coefficients.DRAM_LATENCY_CYCLES);

    /** No latency, peak rate: for comparison with cycle budgets that count no memory. */
    public static final MemoryTiming IDEAL = new MemoryTiming(1, 0);
}
