package tilewright.edge.language;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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
        if (window < 1 || ids.length <= window) {
            throw new IllegalArgumentException(
                    "perplexity needs a window of at least 1 and more ids than a window, found " + ids.length
                            + " ids and a window of " + window);
        }
        int windows = (ids.length - 1) / window;
        int together = Math.max(1, engine.options().prefillTokens() / window);
        double sum = 0;
        double squares = 0;
        for (int first = 0; first < windows; first += together) {
            int last = Math.min(windows, first + together);
            List<Chunk> chunks = new ArrayList<>();
            try {
                for (int w = first; w < last; w++) {
                    chunks.add(Chunk.all(engine.newSequence(), Arrays.copyOfRange(ids, w * window, (w + 1) * window)));
                }
                Logits logits = engine.step(chunks);
                for (int row = 0; row < logits.rows(); row++) {
                    double nll = nll(logits, row, ids[first * window + row + 1]);
                    sum += nll;
                    squares += nll * nll;
                }
            } finally {
                chunks.forEach(chunk -> chunk.sequence().close());
            }
            progress.windows(last, windows);
        }
        long tokens = (long) windows * window;
        double mean = sum / tokens;
        double variance = Math.max(0, squares / tokens - mean * mean);
        return new Perplexity(tokens, mean, Math.sqrt(variance / Math.max(1, tokens - 1)));
    }

    /** The negative log likelihood of a token under a row of logits. */
    private static double nll(Logits logits, int row, int target) {
        if (target < 0 || target >= logits.vocabulary()) {
            throw new IllegalArgumentException(
                    "id " + target + " is not in the vocabulary of " + logits.vocabulary() + " tokens");
        }
        float[] data = logits.data();
        int at = logits.at(row);
        double max = data[at + logits.best(row)];
        double sum = 0;
        for (int i = at; i < at + logits.vocabulary(); i++) {
            sum += Math.exp(data[i] - max);
        }
        return max + Math.log(sum) - data[at + target];
    }
}
