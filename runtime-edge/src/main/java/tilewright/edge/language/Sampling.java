package tilewright.edge.language;

/**
 * How the next token is drawn from logits; start from {@link #greedy()} or {@link #of(double, long)}.
 *
 * <p>In this order: the penalties change the logits; the temperature divides them; of the tokens' probabilities, largest
 * first, only the {@code topK} first stay; of these, renormalised, the fewest whose sum reaches {@code topP}; of these, those
 * of at least {@code minP} times the largest. One token is drawn from what stays, renormalised. Equal logits rank by id. With
 * temperature 0 the largest logit after the penalties wins.
 *
 * <p>The n-th token of a generation uses the n-th number of the generator SplitMix64 (Steele, Lea and Flood 2014) started at
 * the seed, whether or not earlier draws had a choice; equal logits, settings and seed give equal tokens on every machine.
 *
 * @param temperature at least 0; 0 is greedy
 * @param topK most tokens that stay; 0 for no limit
 * @param topP above 0 to 1; 1 for no limit
 * @param minP 0 to 1; 0 for no limit
 * @param repetitionPenalty above 0: positive logits of tokens seen are divided by it, negative ones multiplied (Keskar et al.
 *     2019, arXiv 1909.05858); 1 for none
 * @param frequencyPenalty subtracted from a token's logit for each time it was seen
 * @param presencePenalty subtracted once from the logit of each token seen
 * @param penaltyTokens how many of the last tokens, prompt included, count as seen
 * @param seed where the random numbers start
 */
public record Sampling(
        double temperature,
        int topK,
        double topP,
        double minP,
        double repetitionPenalty,
        double frequencyPenalty,
        double presencePenalty,
        int penaltyTokens,
        long seed) {
    /** Checks the ranges. */
    public Sampling {
        require(temperature >= 0 && Double.isFinite(temperature), "temperature", temperature, "a number of at least 0");
        require(topK >= 0, "topK", topK, "at least 0");
        require(topP > 0 && topP <= 1, "topP", topP, "above 0 to 1");
        require(minP >= 0 && minP <= 1, "minP", minP, "0 to 1");
        require(
                repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
                "repetitionPenalty",
                repetitionPenalty,
                "a number above 0");
        require(Double.isFinite(frequencyPenalty), "frequencyPenalty", frequencyPenalty, "a number");
        require(Double.isFinite(presencePenalty), "presencePenalty", presencePenalty, "a number");
        require(penaltyTokens >= 0, "penaltyTokens", penaltyTokens, "at least 0");
    }

    private static void require(boolean holds, String setting, double value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(setting + " is " + value + ", expected " + expected);
        }
    }

    /** The token with the largest logit, always. */
    public static Sampling greedy() {
        return of(0, 0);
    }

    /** Sampling from all tokens at this temperature. */
    public static Sampling of(double temperature, long seed) {
        return new Sampling(temperature, 0, 1, 0, 1, 0, 0, Integer.MAX_VALUE, seed);
    }

    /** These settings keeping only so many tokens, so much probability, and tokens of so much of the largest probability. */
    public Sampling withLimits(int newTopK, double newTopP, double newMinP) {
        return new Sampling(
                temperature,
                newTopK,
                newTopP,
                newMinP,
                repetitionPenalty,
                frequencyPenalty,
                presencePenalty,
                penaltyTokens,
                seed);
    }

    /** These settings with these penalties for tokens seen among the last {@code tokens}. */
    public Sampling withPenalties(double repetition, double frequency, double presence, int tokens) {
        return new Sampling(temperature, topK, topP, minP, repetition, frequency, presence, tokens, seed);
    }

    /** These settings with another seed. */
    public Sampling withSeed(long newSeed) {
        return new Sampling(
                temperature,
                topK,
                topP,
                minP,
                repetitionPenalty,
                frequencyPenalty,
                presencePenalty,
                penaltyTokens,
                newSeed);
    }

    /** Whether any penalty changes a logit. */
    boolean penalises() {
        return penaltyTokens > 0 && (repetitionPenalty != 1 || frequencyPenalty != 0 || presencePenalty != 0);
    }
}
