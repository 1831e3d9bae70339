package tilewright.edge.expert;

/**
 * What experts on demand cost a run, beside what physics allows.
 *
 * @param tokens tokens that went through the model
 * @param seconds how long they took
 * @param cost what was needed, read and waited for meanwhile
 * @param storage what storage gives at best: measured with 8 reads at a time, or reached in this run
 * @param cacheBytes memory in which experts are kept
 * @param expertBytes what all experts would take there
 * @param lanes reads at a time, at the end
 * @param majorFaults how often a thread waited for a page of a mapped file meanwhile
 */
public record StreamingReport(
        long tokens,
        double seconds,
        StreamingCounters cost,
        StorageRate storage,
        long cacheBytes,
        long expertBytes,
        int lanes,
        long majorFaults) {
    /** The same run beside what storage was measured to give; what the run reached where that is more. */
    public StreamingReport beside(StorageRate measured) {
        return new StreamingReport(
                tokens,
                seconds,
                cost,
                measured.reached(readBytesPerSecond()),
                cacheBytes,
                expertBytes,
                lanes,
                majorFaults);
    }

    /** Tokens per second. */
    public double tokensPerSecond() {
        return tokens / Math.max(1e-9, seconds);
    }

    /** The part of the needed bytes that was in memory already, 0 to 1; what a guess brought there does not count. */
    public double hitRate() {
        return cost.routedBytes() == 0 ? 1 : (double) cost.hitBytes() / cost.routedBytes();
    }

    /** Bytes of experts that one token needs and that had to come from storage. */
    public double missedBytesPerToken() {
        return (double) (cost.routedBytes() - cost.hitBytes()) / Math.max(1, tokens);
    }

    /** Bytes that were read for one token, wrong guesses included. */
    public double readBytesPerToken() {
        return (double) cost.readBytes() / Math.max(1, tokens);
    }

    /** Bytes per second while storage was reading. */
    public double readBytesPerSecond() {
        return cost.readNanos() == 0 ? 0 : cost.readBytes() / (cost.readNanos() * 1e-9);
    }

    /** Seconds that a token waited for storage. */
    public double stallSecondsPerToken() {
        return cost.stallNanos() * 1e-9 / Math.max(1, tokens);
    }

    /** Seconds that a token took without waiting: c. */
    public double computeSecondsPerToken() {
        return Math.max(0, seconds / Math.max(1, tokens) - stallSecondsPerToken());
    }

    /** Bytes per second that storage gives at best, with nothing else at work: B. */
    public double storageBytesPerSecond() {
        return storage.atRest();
    }

    /** Tokens per second if reading and computing overlapped wholly and cost each other nothing: 1 / max(c, A(1-h)/B). */
    public double boundTokensPerSecond() {
        return bound(storage.atRest());
    }

    /** Which part of the bound was reached, 0 to 1. */
    public double fractionOfBound() {
        return tokensPerSecond() / boundTokensPerSecond();
    }

    /** Which part was reached of the bound that holds for storage as it is beside computing, 0 to 1. */
    public double fractionBesideComputing() {
        return tokensPerSecond() / bound(storage.besideComputing());
    }

    private double bound(double bytesPerSecond) {
        double reading = bytesPerSecond == 0 ? 0 : missedBytesPerToken() / bytesPerSecond;
        return 1 / Math.max(1e-9, Math.max(computeSecondsPerToken(), reading));
    }
}
