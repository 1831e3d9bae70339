package tilewright.compiler.forecast;

/**
 * What a model asks of memory and storage.
 *
 * @param heldBytes memory that is there for good: weights that are no experts, heap and code
 * @param denseBytesPerToken bytes of those weights that one token reads
 * @param routedBytesPerToken bytes of the experts that one token needs
 * @param expertBytes bytes of all experts in memory
 * @param experts how many there are, through all layers
 * @param leastBytes memory for experts without which none can be read
 */
public record Demand(
        long heldBytes,
        long denseBytesPerToken,
        long routedBytesPerToken,
        long expertBytes,
        int experts,
        long leastBytes) {
    /** The smallest budget that works. */
    public long leastBudget() {
        return heldBytes + leastBytes;
    }

    /** The budget with which all experts stay in memory. */
    public long wholeBudget() {
        return heldBytes + expertBytes;
    }

    /** How many experts a budget keeps in memory; negative when it is too small. */
    public long slots(long budget) {
        return budget < leastBudget()
                ? -1
                : Math.min(experts, (long) ((double) (budget - heldBytes) / expertBytes * experts));
    }
}
