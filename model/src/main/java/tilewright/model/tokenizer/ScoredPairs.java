package tilewright.model.tokenizer;

/**
 * Pairs of a SentencePiece vocabulary: any two symbols whose texts together are a token, the better scored token first.
 *
 * <p>What was looked up is kept; so an object serves one thread.
 */
final class ScoredPairs implements Pairs {
    private static final int REFUSED = Integer.MIN_VALUE;

    private final TokenMap tokens;
    /** For each token its place among the scores, best first, equal for equal scores; negative if nothing becomes it. */
    private final int[] ranks;

    private final PairTable known = new PairTable(256);

    /** @param ranks by id; symbols from {@code ranks.length} on are code points, shifted by that */
    ScoredPairs(TokenMap tokens, int[] ranks) {
        this.tokens = tokens;
        this.ranks = ranks;
    }

    @Override
    public int find(int left, int right) {
        int found = known.find(left, right);
        if (found == NONE) {
            int merged = tokens.id(text(left), text(right));
            boolean allowed = merged != TokenMap.NONE && ranks[merged] >= 0;
            known.put(left, right, allowed ? ranks[merged] : REFUSED, allowed ? merged : 0, true);
            found = known.find(left, right);
        }
        return known.rank(found) == REFUSED ? NONE : found;
    }

    @Override
    public int rank(int found) {
        return known.rank(found);
    }

    @Override
    public int result(int found) {
        return known.result(found);
    }

    private String text(int symbol) {
        return symbol < ranks.length ? tokens.text(symbol) : Character.toString(symbol - ranks.length);
    }
}
