package tilewright.edge.language;

import java.util.List;
import java.util.Set;
import tilewright.model.tokenizer.Tokenizer;

/**
 * One text to generate.
 *
 * @param prompt the ids before the first generated one (for an encoder-decoder: its start ids); at least one
 * @param encoder the ids that the encoder reads; empty for a decoder alone
 * @param maxTokens most tokens to generate; at least 1
 * @param sampling how tokens are drawn
 * @param endIds tokens that end the text; the one that does is not part of the result
 * @param stops strings that end the text; what begins one is held back until it is certain, and the string itself is not part
 *     of the result's text
 * @param tokenizer turns ids into text, special tokens left out; null when no text is wanted; needed with stop strings
 * @param listener told of each token as it is drawn
 */
public record GenerationRequest(
        int[] prompt,
        int[] encoder,
        int maxTokens,
        Sampling sampling,
        Set<Integer> endIds,
        List<String> stops,
        Tokenizer tokenizer,
        Listener listener) {
    /** Hears of a generation as it happens; called on the generating thread. */
    @FunctionalInterface
    public interface Listener {
        /**
         * A token was drawn.
         *
         * @param id the token, -1 when only held-back text comes out at the end
         * @param text the text that is now certain, which may belong to earlier tokens; empty without a tokenizer
         * @return whether to go on; false ends this generation after the token
         */
        boolean token(int id, String text);
    }

    /** Copies the collections and checks them. */
    public GenerationRequest {
        endIds = Set.copyOf(endIds);
        stops = List.copyOf(stops);
        if (prompt.length == 0) {
            throw new IllegalArgumentException(
                    "the prompt has no ids, expected at least one; begin with the model's BOS id");
        }
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens is " + maxTokens + ", expected at least 1");
        }
        if (stops.stream().anyMatch(String::isEmpty)) {
            throw new IllegalArgumentException("a stop string is empty, expected at least one character");
        }
        if (!stops.isEmpty() && tokenizer == null) {
            throw new IllegalArgumentException("stop strings need a tokenizer, found none");
        }
    }

    /** Greedy generation of at most {@code maxTokens} ids, without text. */
    public static GenerationRequest of(int[] prompt, int maxTokens) {
        return new GenerationRequest(
                prompt, new int[0], maxTokens, Sampling.greedy(), Set.of(), List.of(), null, (_, _) -> true);
    }

    /** This request for an encoder-decoder, whose encoder reads these ids. */
    public GenerationRequest withEncoder(int... ids) {
        return new GenerationRequest(prompt, ids, maxTokens, sampling, endIds, stops, tokenizer, listener);
    }

    /** This request with this sampling. */
    public GenerationRequest withSampling(Sampling value) {
        return new GenerationRequest(prompt, encoder, maxTokens, value, endIds, stops, tokenizer, listener);
    }

    /** This request ending at these tokens. */
    public GenerationRequest withEndIds(Set<Integer> value) {
        return new GenerationRequest(prompt, encoder, maxTokens, sampling, value, stops, tokenizer, listener);
    }

    /** This request with text, ending at these strings. */
    public GenerationRequest withText(Tokenizer newTokenizer, List<String> newStops) {
        return new GenerationRequest(prompt, encoder, maxTokens, sampling, endIds, newStops, newTokenizer, listener);
    }

    /** This request with this listener. */
    public GenerationRequest withListener(Listener value) {
        return new GenerationRequest(prompt, encoder, maxTokens, sampling, endIds, stops, tokenizer, value);
    }
}
