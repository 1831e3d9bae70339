package tilewright.compiler.forecast;

/**
 * What a model asks of memory and storage.
 *
 * @param heldBytes memory that is there for good: weights that are no experts, heap and code
 * @param denseBytesPerToken bytes of those weights that one token reads
 * @param routedBytesPerToken bytes of the experts that one token needs on average
 * @param workingSetBytes the most that a token's experts can have
 * @param expertBytes bytes of all experts in memory
 * @param experts how many there are, through all layers
 * @param leastBytes memory for experts without which none can be read
 * @param codeBytes those of the held bytes that are no weights: heap and code
 */
public record Demand(
        long heldBytes,
        long denseBytesPerToken,
        long routedBytesPerToken,
        long workingSetBytes,
        long expertBytes,
        int experts,
        long leastBytes,
        long codeBytes) {
    /** The smallest budget that works: it holds what is there for good, and the weights that one token needs. */
    public long leastBudget() {
        return Math.max(heldBytes + leastBytes, heldBytes - codeBytes + workingSetBytes);
    }

    /** The budget with which all experts stay in memory. */
    public long wholeBudget() {
        return heldBytes + expertBytes;
    }

    /**
     * The same model with experts of other sizes.
     *
     * @param bytes of all experts
     * @param perToken bytes of those that one token needs on average
     */
    public Demand packed(long bytes, long perToken) {
        return new Demand(
                heldBytes,
                denseBytesPerToken,
                perToken,
                scaled(workingSetBytes, bytes),
                bytes,
                experts,
                scaled(leastBytes, bytes),
                codeBytes);
    }

    /** What so many bytes of experts become when all of them together have as many as given. */
    private long scaled(long part, long bytes) {
        return Math.ceilDiv(Math.multiplyExact(part, Math.ceilDiv(bytes, experts)), Math.ceilDiv(expertBytes, experts));
    }

    /** How many experts a budget keeps in memory; negative when it is too small. */
    public long slots(long budget) {
        return budget < leastBudget()
                ? -1
                : Math.min(experts, (long) ((double) (budget - heldBytes) / expertBytes * experts));
    }
}
