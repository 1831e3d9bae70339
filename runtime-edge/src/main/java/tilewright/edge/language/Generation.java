package tilewright.edge.language;

/**
 * What was generated.
 *
 * @param ids the tokens, without the one that ended the text
 * @param text the text, cut before a stop string; empty without a tokenizer
 * @param end why it ended
 */
public record Generation(int[] ids, String text, End end) {
    /** Why a generation ended. */
    public enum End {
        /** An end token was drawn. */
        END_ID,
        /** A stop string appeared. */
        STOP,
        /** The request's number of tokens, or the engine's limit of the context, was reached. */
        LENGTH,
        /** The listener asked for it. */
        CANCELLED
    }
}
