package tilewright.model.tokenizer;

import java.util.Arrays;

/**
 * Decodes ids as they are generated, and holds back what is not yet a whole character.
 *
 * <p>The pieces put together are the text that {@link Tokenizer#decode(int[], boolean)} gives for all ids at once. Not
 * for use by several threads.
 */
public final class TokenStream {
    /** A character has at most four bytes; after as many tokens more it is certain that what waits is no character. */
    private static final int MAX_PENDING = 8;

    private static final char REPLACEMENT = '\uFFFD';

    private final Tokenizer tokenizer;
    private final boolean keepSpecial;
    /** Ids from which the next text is decoded: some that were given out, as context, and those pending behind them. */
    private int[] window = new int[0];

    private int given;
    private String givenText = "";

    TokenStream(Tokenizer tokenizer, boolean keepSpecial) {
        this.tokenizer = tokenizer;
        this.keepSpecial = keepSpecial;
    }

    /**
     * Takes the next id.
     *
     * @return the text that is complete now, often of this id alone; empty when bytes of a character are still missing
     * @throws IllegalArgumentException if the id is not in the vocabulary
     */
    public String append(int id) {
        window = Arrays.copyOf(window, window.length + 1);
        window[window.length - 1] = id;
        String text = tokenizer.decode(window, keepSpecial);
        boolean incomplete = !text.isEmpty() && text.charAt(text.length() - 1) == REPLACEMENT;
        if (incomplete && window.length - given < MAX_PENDING) {
            return "";
        }
        return give(text);
    }

    /** Ends the stream: the text that was held back. */
    public String finish() {
        return give(tokenizer.decode(window, keepSpecial));
    }

    private String give(String text) {
        String fresh = text.startsWith(givenText) ? text.substring(givenText.length()) : "";
        if (fresh.isEmpty()) {
            return fresh;
        }
        window = Arrays.copyOfRange(window, given, window.length);
        given = window.length;
        givenText = tokenizer.decode(window, keepSpecial);
        return fresh;
    }
}
