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
 */
public record Forecast(
        long budget,
        long slots,
        double hitRate,
        double computeSeconds,
        double storageSeconds,
        double besideSeconds,
        double readBytes) {
    /** A token does more than multiply weights: attention, norms, routing; measured on models in memory. */
    private static final double BESIDE_WEIGHTS = 1.1;

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
                budget, slots, hitRate, compute, read / storage.atRest(), read / storage.besideComputing(), read);
    }

    /** Tokens per second when reading hides behind computing wholly: 1 / max(c, A(1-h)/B), B beside computing. */
    public double boundTokensPerSecond() {
        return 1 / Math.max(computeSeconds, besideSeconds);
    }

    /** Tokens per second when nothing is hidden: 1 / (c + A(1-h)/B). */
    public double serialTokensPerSecond() {
        return 1 / (computeSeconds + storageSeconds);
    }
}
