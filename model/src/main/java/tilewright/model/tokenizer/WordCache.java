package tilewright.model.tokenizer;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Remembers the tokens of short words, up to a bounded number of them; for any number of threads. */
final class WordCache {
    private static final int MAX_WORDS = 1 << 16;
    private static final int MAX_WORD_CHARACTERS = 64;

    private final ConcurrentHashMap<String, int[]> words = new ConcurrentHashMap<>();

    /** The tokens of a word, computed if they are not known; the array is shared and not to be changed. */
    int[] get(String word, Function<String, int[]> compute) {
        if (word.length() > MAX_WORD_CHARACTERS) {
            return compute.apply(word);
        }
        int[] ids = words.get(word);
        if (ids == null) {
            ids = compute.apply(word);
            if (words.size() >= MAX_WORDS) {
                words.clear();
            }
            words.put(word, ids);
        }
        return ids;
    }
}
