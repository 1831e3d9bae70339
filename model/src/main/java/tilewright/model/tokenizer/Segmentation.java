package tilewright.model.tokenizer;

import java.util.Arrays;

/**
 * Unigram segmentation: of all ways to write a text as tokens, the one with the highest sum of scores (Kudo 2018).
 *
 * <p>A character that is no token counts as unknown, with a score below all others; unknown neighbours are one.
 */
final class Segmentation {
    /** How far below the lowest score an unknown character is, as in SentencePiece. */
    static final double UNKNOWN_PENALTY = 10;

    private final TokenTrie trie;
    private final double[] scores;
    private final int unknown;
    private final double unknownScore;

    /**
     * @param scores by id
     * @param unknown the id of what is no token
     */
    Segmentation(TokenTrie trie, double[] scores, int unknown, double unknownScore) {
        this.trie = trie;
        this.scores = scores;
        this.unknown = unknown;
        this.unknownScore = unknownScore;
    }

    /** Takes the pieces of a text from left to right. */
    interface Pieces {
        void piece(int from, int to, int id);
    }

    /** Segments a text. */
    void segment(String text, Pieces pieces) {
        int length = text.length();
        double[] best = new double[length + 1];
        int[] from = new int[length + 1];
        int[] ids = new int[length + 1];
        Arrays.fill(best, Double.NEGATIVE_INFINITY);
        best[0] = 0;
        for (int at = 0; at < length; ) {
            int single = at + Character.charCount(text.codePointAt(at));
            boolean isToken = false;
            int node = TokenTrie.ROOT;
            for (int end = at; end < length; ) {
                node = trie.child(node, text.charAt(end++));
                if (node == TokenTrie.NONE) {
                    break;
                }
                int id = trie.value(node);
                if (id != TokenTrie.NONE) {
                    isToken |= end == single;
                    double score = best[at] + scores[id];
                    if (score > best[end]) {
                        best[end] = score;
                        from[end] = at;
                        ids[end] = id;
                    }
                }
            }
            if (!isToken && best[at] + unknownScore > best[single]) {
                best[single] = best[at] + unknownScore;
                from[single] = at;
                ids[single] = unknown;
            }
            at = single;
        }
        emit(length, from, ids, pieces);
    }

    private void emit(int length, int[] from, int[] ids, Pieces pieces) {
        int count = 0;
        int[] ends = new int[16];
        for (int end = length; end > 0; end = from[end]) {
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, count * 2);
            }
            ends[count++] = end;
        }
        int start = 0;
        for (int i = count - 1; i >= 0; i--) {
            boolean fused = ids[ends[i]] == unknown && i > 0 && ids[ends[i - 1]] == unknown;
            if (!fused) {
                pieces.piece(start, ends[i], ids[ends[i]]);
                start = ends[i];
            }
        }
    }
}
