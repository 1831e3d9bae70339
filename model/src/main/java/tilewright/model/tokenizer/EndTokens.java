package tilewright.model.tokenizer;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;

/** Tokens that are known by their spelling to end a turn or a text, where a model's files do not say so. */
final class EndTokens {
    /** End of turn, most specific first. */
    private static final List<String> TURN = List.of(
            "<|eot_id|>",
            "<|im_end|>",
            "<|end|>",
            "<end_of_turn>",
            "<turn|>",
            "<|END_OF_TURN_TOKEN|>",
            "<|endoftext|>",
            "<|end_of_text|>",
            "<EOT>",
            "_<EOT>",
            "[EOT]",
            "<｜end▁of▁sentence｜>",
            "<end_of_utterance>");

    private static final List<String> END = List.of(
            "<|eot_id|>",
            "<|im_end|>",
            "<|end|>",
            "<|return|>",
            "<|call|>",
            "<|calls|>",
            "<|flush|>",
            "<end_of_turn>",
            "<turn|>",
            "<|tool_response>",
            "<|END_OF_TURN_TOKEN|>",
            "<|endoftext|>",
            "<|eom_id|>",
            "<EOT>",
            "_<EOT>",
            "[EOT]",
            "[EOS]",
            "<|end_of_text|>",
            "<end_of_utterance>",
            "<｜end▁of▁sentence｜>",
            "[e~[");

    private EndTokens() {}

    /** The token that ends a turn; -1 if there is none. */
    static int turn(ToIntFunction<String> idOf) {
        for (String token : TURN) {
            int id = idOf.applyAsInt(token);
            if (id >= 0) {
                return id;
            }
        }
        return -1;
    }

    /** Every token after which generation stops, ascending; {@code known} are those that the files name. */
    static int[] all(ToIntFunction<String> idOf, int... known) {
        Set<Integer> ids = new TreeSet<>();
        for (String token : END) {
            int id = idOf.applyAsInt(token);
            if (id >= 0) {
                ids.add(id);
            }
        }
        int end = idOf.applyAsInt("<|end|>");
        boolean calls = ids.contains(idOf.applyAsInt("<|call|>")) || ids.contains(idOf.applyAsInt("<|calls|>"));
        boolean returns = ids.contains(idOf.applyAsInt("<|return|>")) || ids.contains(idOf.applyAsInt("<|flush|>"));
        if (calls && returns) {
            // Here it ends a message, and more messages of the same turn follow.
            ids.remove(end);
        }
        for (int id : known) {
            if (id >= 0 && !(calls && returns && id == end)) {
                ids.add(id);
            }
        }
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
