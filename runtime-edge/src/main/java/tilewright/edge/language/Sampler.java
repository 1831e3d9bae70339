package tilewright.edge.language;

import java.util.Arrays;

/** Draws one generation's tokens as a {@link Sampling} says; keeps what was seen and how many numbers were drawn. */
final class Sampler {
    /** The golden ratio's fraction in 64 bits, odd: SplitMix64's step. */
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    /** Tokens are ranked band by band: those within so much of the largest logit first, in units of the temperature. */
    private static final double[] BANDS = {2, 4, 8, 16, 32, 64, Double.POSITIVE_INFINITY};

    private final Sampling sampling;
    private final float[] logits;
    private final int[] counts;
    private int[] seen = new int[64];
    private int seenTokens;
    private long state;
    /** Tokens ranked so far: the logit's order in the high half, the id's complement in the low half. */
    private final long[] ranked;

    private int rankedTokens;
    private int band;
    private float most;

    Sampler(Sampling sampling, int vocabulary) {
        this.sampling = sampling;
        this.logits = new float[vocabulary];
        this.counts = sampling.penalises() ? new int[vocabulary] : new int[0];
        this.ranked = sampling.temperature() > 0 ? new long[vocabulary] : new long[0];
        this.state = sampling.seed();
    }

    /** Counts a token of the prompt or a drawn one as seen. */
    void see(int id) {
        if (counts.length == 0) {
            return;
        }
        if (seenTokens == seen.length) {
            seen = Arrays.copyOf(seen, 2 * seen.length);
        }
        seen[seenTokens++] = id;
        counts[id]++;
        if (seenTokens > sampling.penaltyTokens()) {
            counts[seen[seenTokens - 1 - sampling.penaltyTokens()]]--;
        }
    }

    /** The next token for the logits that begin at {@code at}; it does not yet count as seen. */
    int next(float[] source, int at) {
        System.arraycopy(source, at, logits, 0, logits.length);
        if (counts.length > 0) {
            penalise();
        }
        double number = uniform();
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return sampling.temperature() == 0 ? best : draw(best, number);
    }

    private void penalise() {
        float repetition = (float) sampling.repetitionPenalty();
        for (int id = 0; id < counts.length; id++) {
            if (counts[id] > 0) {
                float logit = logits[id];
                logit = logit > 0 ? logit / repetition : logit * repetition;
                logits[id] = (float) (logit - counts[id] * sampling.frequencyPenalty() - sampling.presencePenalty());
            }
        }
    }

    private int draw(int best, double number) {
        rankedTokens = 0;
        band = 0;
        most = logits[best];
        boolean limited = sampling.topK() > 0 && sampling.topK() < logits.length;
        double total = 0;
        if (limited) {
            for (int rank = 0; rank < sampling.topK(); rank++) {
                total += weight(rank);
            }
        } else {
            for (float logit : logits) {
                total += weight(logit);
            }
        }
        int last = limited ? sampling.topK() : logits.length;
        if (sampling.topP() < 1 || sampling.minP() > 0) {
            double wanted = sampling.topP() < 1 ? sampling.topP() * total : Double.POSITIVE_INFINITY;
            double sum = 0;
            int kept = 0;
            // The largest weight is 1, so minP compares with it as it is.
            while (kept < last && sum < wanted && (kept == 0 || weight(kept) >= sampling.minP())) {
                sum += weight(kept++);
            }
            last = kept;
            total = sum;
        }
        double rest = number * total;
        for (int rank = 0; rank < last - 1; rank++) {
            rest -= weight(rank);
            if (rest < 0) {
                return id(rank);
            }
        }
        return id(last - 1);
    }

    /** The probability of a logit over that of the largest. */
    private double weight(float logit) {
        return Math.exp(((double) logit - most) / sampling.temperature());
    }

    private double weight(int rank) {
        return weight(logits[id(rank)]);
    }

    /** The token at a rank, 0 the most probable. */
    private int id(int rank) {
        while (rank >= rankedTokens) {
            rankNextBand();
        }
        return ~(int) ranked[rank];
    }

    private void rankNextBand() {
        double above = band == 0 ? Double.POSITIVE_INFINITY : floor(band - 1);
        double floor = floor(band++);
        int from = rankedTokens;
        for (int i = 0; i < logits.length; i++) {
            // NaN belongs to the last band.
            boolean below = band > 1 && !(logits[i] >= above) || band == 1;
            if (below && (logits[i] >= floor || band == BANDS.length)) {
                ranked[rankedTokens++] = (long) order(logits[i]) << 32 | ~i & 0xffffffffL;
            }
        }
        Arrays.sort(ranked, from, rankedTokens);
        for (int low = from, high = rankedTokens - 1; low < high; low++, high--) {
            long swapped = ranked[low];
            ranked[low] = ranked[high];
            ranked[high] = swapped;
        }
    }

    private double floor(int of) {
        return most - BANDS[of] * sampling.temperature();
    }

    /** An integer that orders as the float does. */
    private static int order(float value) {
        // Adding 0 makes -0 a 0.
        int bits = Float.floatToIntBits(value + 0f);
        return bits ^ bits >> 31 & 0x7fffffff;
    }

    /** The next number of SplitMix64, its upper 53 bits as a fraction. */
    private double uniform() {
        state += GOLDEN_GAMMA;
        long z = state;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        return (z >>> 11) * 0x1p-53;
    }
}
