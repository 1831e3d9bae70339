package tilewright.sim.rtl.bench;

/**
 * How a memory outside the chip answers, in cycles of the design's clock; a board's figures divided by its clock.
 *
 * @param readLatencyCycles cycles from the taking of a read address to its first word, at least 1
 * @param writeLatencyCycles cycles from the taking of a burst's last word to its response, at least 1
 * @param bytesPerCycle what reads and writes together move at most, on average; above 0
 * @param outstanding how many reads, and how many writes, it holds at once; at least 1
 */
public record MemoryTiming(int readLatencyCycles, int writeLatencyCycles, double bytesPerCycle, int outstanding) {
    /** Answers at the next cycle and at any rate. */
    public static final MemoryTiming IDEAL = new MemoryTiming(1, 1, Double.POSITIVE_INFINITY, 64);

    /** Timing that is possible. */
    public MemoryTiming {
        if (readLatencyCycles < 1 || writeLatencyCycles < 1 || !(bytesPerCycle > 0) || outstanding < 1) {
            throw new IllegalArgumentException(
                    "memory timing of latencies %d and %d, %s bytes a cycle and %d outstanding; all are to be above 0"
                            .formatted(readLatencyCycles, writeLatencyCycles, bytesPerCycle, outstanding));
        }
    }
}
