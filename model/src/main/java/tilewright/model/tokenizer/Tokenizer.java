package tilewright.model.tokenizer;

import java.util.OptionalInt;

/**
 * Turns text into token ids and token ids into text.
 *
 * <p>Implementations are immutable as far as callers can see and may be shared by threads. Text is Unicode; a lone
 * surrogate counts as U+FFFD.
 */
public interface Tokenizer {
    /** How many ids there are: valid ids are 0 to this, exclusive. */
    int vocabularySize();

    /**
     * The ids of a text.
     *
     * @param addSpecial whether to add what the model expects around a text (begin of sequence, end of sequence,
     *     classifier and separator tokens), as its files say
     * @param parseSpecial whether the spelling of a special token in the text, such as {@code <|im_end|>}, stands for
     *     that token; false for text from people who should not be able to write them
     */
    int[] encode(String text, boolean addSpecial, boolean parseSpecial);

    /** The ids of a text in which the spelling of a special token stands for that token. */
    default int[] encode(String text, boolean addSpecial) {
        return encode(text, addSpecial, true);
    }

    /**
     * The text of some ids; bytes that are not UTF-8 become U+FFFD.
     *
     * @param keepSpecial whether special tokens are spelled out; otherwise they are left out
     * @throws IllegalArgumentException if an id is not in the vocabulary
     */
    String decode(int[] ids, boolean keepSpecial);

    /** The text of some ids without special tokens. */
    default String decode(int[] ids) {
        return decode(ids, false);
    }

    /** Starts decoding ids that arrive one by one. */
    default TokenStream stream(boolean keepSpecial) {
        return new TokenStream(this, keepSpecial);
    }

    /**
     * The token as it is written in the vocabulary, with the vocabulary's own marks for spaces and bytes; empty for an
     * id that the vocabulary leaves out.
     *
     * @throws IllegalArgumentException if the id is not in the vocabulary
     */
    String tokenText(int id);

    /** The id of a token as it is written in the vocabulary. */
    OptionalInt idOf(String tokenText);

    /** The token that begins a sequence, if the model has one. */
    OptionalInt bos();

    /** The token that ends a sequence, if the model has one. */
    OptionalInt eos();

    /** The token that ends a turn of a conversation, if the model has one of its own. */
    OptionalInt eot();

    /** The ids after which generation stops, ascending: end of sequence, end of turn and their like. */
    int[] endIds();

    /** Whether an id is a special (control) token, which is no text. */
    boolean isSpecial(int id);
}
