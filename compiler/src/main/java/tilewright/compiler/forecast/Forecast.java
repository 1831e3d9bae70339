package tilewright.compiler.forecast;

import tilewright.edge.expert.StorageRate;

/**
 * What a model will do within a budget.
 *
 * @param budget bytes of memory
 * @param slots experts that it keeps
 * @param hitRate share of the needed experts that are in memory, 0 to 1
 * @param computeSeconds a token's computation, c
 * @param storageSeconds a token's reading with nothing else at work, A(1-h)/B
 * @param besideSeconds a token's reading beside computing
 * @param readBytes bytes that one token reads from storage, A(1-h)
 * @param tokensPerSecond to expect without guesses
 * @param guessingTokensPerSecond to expect where {@link #RECALL} of the next layer's experts are guessed
 */
public record Forecast(
        long budget,
        long slots,
        double hitRate,
        double computeSeconds,
        double storageSeconds,
        double besideSeconds,
        double readBytes,
        double tokensPerSecond,
        double guessingTokensPerSecond) {
    /** The part of the next layer's experts that its router, applied early, finds in trained models: 0.72 to 0.89. */
    public static final double RECALL = 0.8;

    /**
     * A token does more than multiply weights: attention, norms, routing, rounding of activations; what a model in memory took for
     * the time in which its kernels multiply as many bytes.
     */
    private static final double BESIDE_WEIGHTS = 1.2;

    /**
     * Predicts one budget.
     *
     * @param hits hit rates by the number of experts in memory
     * @throws IllegalArgumentException when the budget is below {@link Demand#leastBudget()}
     */
    public static Forecast of(Demand demand, MachineSpeed speed, HitCurve hits, long budget) {
        long slots = demand.slots(budget);
        if (slots < 0) {
            throw new IllegalArgumentException(
                    "a budget of " + budget + " bytes, expected at least " + demand.leastBudget());
        }
        double hitRate = slots == demand.experts() ? 1 : hits.hitRate(slots);
        double compute = BESIDE_WEIGHTS
                * (demand.denseBytesPerToken() + demand.routedBytesPerToken())
                / speed.weightBytesPerSecond();
        double read = demand.routedBytesPerToken() * (1 - hitRate);
        StorageRate storage = speed.storage();
        return new Forecast(
                budget,
                slots,
                hitRate,
                compute,
                read / storage.atRest(),
                read / storage.besideComputing(),
                read,
                overlapped(demand, speed, hits, slots, compute, 0),
                overlapped(demand, speed, hits, slots, compute, RECALL));
    }

    private static double overlapped(
            Demand demand, MachineSpeed speed, HitCurve hits, long slots, double compute, double recall) {
        int[][] misses = hits.misses(slots);
        if (slots == demand.experts() || misses.length == 0) {
            return 1 / compute;
        }
        int layers = misses[0].length;
        int needed = 0;
        for (int layer = 0; layer < layers; layer++) {
            needed += hits.needed(0, layer);
        }
        double routed = (double) demand.routedBytesPerToken();
        double experts = compute * routed / (routed + demand.denseBytesPerToken());
        // As many are guessed as are needed; of those that are wrong some are in memory.
        double wrong = recall == 0 ? 0 : (1 - recall) * needed / layers * (1 - (double) slots / demand.experts());
        Overlap overlap = new Overlap(
                speed.reading(), (compute - experts) / layers, experts / needed, routed / needed, recall, wrong);
        for (int token = 0; token < misses.length; token++) {
            for (int layer = 0; layer < layers; layer++) {
                // A token's last layer knows nothing of the next token.
                int next = layer + 1 < layers ? misses[token][layer + 1] : -1;
                overlap.layer(hits.needed(token, layer), misses[token][layer], next);
            }
        }
        return misses.length / overlap.seconds();
    }

    /** Tokens per second if reading and computing overlapped wholly and cost each other nothing: 1 / max(c, A(1-h)/B). */
    public double boundTokensPerSecond() {
        return 1 / Math.max(computeSeconds, storageSeconds);
    }
}
