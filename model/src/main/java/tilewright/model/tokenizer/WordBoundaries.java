package tilewright.model.tokenizer;

import java.util.BitSet;
import java.util.function.Consumer;

/**
 * Where a text without words of its own can be cut so that no token reaches over the cut: before a mark for a space
 * (U+2581), behind any character that no token has before one.
 *
 * <p>Merges on the two sides of such a cut do not touch each other; so the pieces can be encoded one by one, and those
 * that come again be remembered.
 */
final class WordBoundaries {
    private static final char MARK = GgufTokenizer.SPACE_MARK;

    private final BitSet joined = new BitSet();

    /** @param vocabularies everything that symbols can become */
    WordBoundaries(TokenMap... vocabularies) {
        for (TokenMap vocabulary : vocabularies) {
            for (int id = 0; id < vocabulary.size(); id++) {
                String token = vocabulary.text(id);
                int mark = token == null ? -1 : token.indexOf(MARK, 1);
                while (mark >= 0) {
                    joined.set(token.charAt(mark - 1));
                    mark = token.indexOf(MARK, mark + 1);
                }
            }
        }
    }

    /** Passes on the pieces of a text from left to right. */
    void split(String text, Consumer<String> pieces) {
        int from = 0;
        int mark = text.indexOf(MARK, 1);
        while (mark >= 0) {
            if (!joined.get(text.charAt(mark - 1))) {
                pieces.accept(text.substring(from, mark));
                from = mark;
            }
            mark = text.indexOf(MARK, mark + 1);
        }
        if (from < text.length()) {
            pieces.accept(from == 0 ? text : text.substring(from));
        }
    }
}
