package tilewright.edge.language;

/**
 * What one sequence contributes to a step: its next tokens.
 *
 * @param sequence of the engine that runs the step; at most once in a step
 * @param ids the tokens that follow those the sequence has seen; at least one
 * @param wanted of which tokens the logits are wanted
 */
public record Chunk(Sequence sequence, int[] ids, Wanted wanted) {
    /** Of which tokens of a chunk the logits are wanted. */
    public enum Wanted {
        /** Of none: the step only fills the caches. */
        NONE,
        /** Of the last token. */
        LAST,
        /** Of every token. */
        ALL
    }

    /** Refuses a chunk without tokens. */
    public Chunk {
        if (ids.length == 0) {
            throw new IllegalArgumentException("a chunk has no ids, expected at least one");
        }
    }

    /** A chunk whose last token's logits are wanted. */
    public static Chunk last(Sequence sequence, int... ids) {
        return new Chunk(sequence, ids, Wanted.LAST);
    }

    /** A chunk of which every token's logits are wanted. */
    public static Chunk all(Sequence sequence, int... ids) {
        return new Chunk(sequence, ids, Wanted.ALL);
    }

    /** The number of rows of logits wanted. */
    public int wantedRows() {
        return switch (wanted) {
            case NONE -> 0;
            case LAST -> 1;
            case ALL -> ids.length;
        };
    }
}
