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
        return of(losses(engine, ids, window, window, progress));
    }

    /** The mean of losses, or of their differences, token by token. */
    public static Perplexity of(double[] losses) {
        double sum = 0;
        double squares = 0;
        for (double loss : losses) {
            sum += loss;
            squares += loss * loss;
        }
        double mean = sum / losses.length;
        double variance = Math.max(0, squares / losses.length - mean * mean);
        return new Perplexity(losses.length, mean, Math.sqrt(variance / Math.max(1, losses.length - 1)));
    }

    /**
     * The negative log likelihood of each token that {@link #measure} predicts.
     *
     * @param step tokens of a window that are read at once, 1 as when generating; with the whole window several run together
     * @throws IllegalArgumentException when there are too few ids, or no step
     */
    public static double[] losses(LanguageEngine engine, int[] ids, int window, int step, Progress progress) {
        if (window < 1 || step < 1 || ids.length <= window) {
            throw new IllegalArgumentException(
                    "perplexity needs a window and a step of at least 1 and more ids than a window, found " + ids.length
                            + " ids, a window of " + window + " and a step of " + step);
        }
        int windows = (ids.length - 1) / window;
        int together = step < window ? 1 : Math.max(1, engine.options().prefillTokens() / window);
        double[] losses = new double[Math.multiplyExact(windows, window)];
        for (int first = 0; first < windows; first += together) {
            int last = Math.min(windows, first + together);
            List<Sequence> sequences = new ArrayList<>();
            try {
                for (int w = first; w < last; w++) {
                    sequences.add(engine.newSequence());
                }
                for (int from = 0; from < window; from += step) {
                    int to = Math.min(window, from + step);
                    List<Chunk> chunks = new ArrayList<>();
                    for (int w = first; w < last; w++) {
                        int[] read = Arrays.copyOfRange(ids, w * window + from, w * window + to);
                        chunks.add(Chunk.all(sequences.get(w - first), read));
                    }
                    Logits logits = engine.step(chunks);
                    for (int row = 0; row < logits.rows(); row++) {
                        // Rows follow each other without gaps: parts of a window come alone.
                        int token = first * window + from + row;
                        losses[token] = nll(logits, row, ids[token + 1]);
                    }
                }
            } finally {
                sequences.forEach(Sequence::close);
            }
            progress.windows(last, windows);
        }
        return losses;
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
