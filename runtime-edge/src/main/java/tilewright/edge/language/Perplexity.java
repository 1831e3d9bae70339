package tilewright.edge.language;

/**
 * How well a model predicts a text.
 *
 * @param tokens tokens predicted
 * @param nll the mean negative log likelihood of a token, in nats
 * @param standardError of {@code nll}, from the spread over tokens
 */
public record Perplexity(long tokens, double nll, double standardError) {
    /** e to the mean negative log likelihood. */
    public double perplexity() {
        return Math.exp(nll);
    }

    /** Hears of progress. */
    @FunctionalInterface
    public interface Progress {
        /** So many of all windows are done. */
        void windows(int done, int all);
    }

    /**
     * Measures over windows that do not overlap: window w reads ids {@code w*window .. w*window+window-1} from position 0 and
     * predicts the ids one further; nothing is put in front. What does not fill a window is left out.
     *
     * @param ids at least {@code window + 1}
     * @param window tokens that a window reads
     * @throws IllegalArgumentException when there are too few ids
     */
    public static Perplexity measure(LanguageEngine engine, int[] ids, int window, Progress progress) {
        throw new UnsupportedOperationException(engine + " " + ids.length + window + progress);
    }
}
