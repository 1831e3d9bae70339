package tilewright.hw.program;

import java.util.Arrays;

/**
 * The decision of a router for all tokens of an image.
 *
 * @param experts number of experts
 * @param topK experts per token
 * @param ids {@code [tokens, topK]}, the likeliest expert first
 * @param probabilities {@code [tokens, topK]}, with the fraction bits of the program's softmax
 */
public record Routing(int experts, int topK, int[] ids, long[] probabilities) {
    /** The queue of an expert: its slots (token * topK + rank), in token order. */
    public int[] queue(int expert) {
        int[] slots = new int[ids.length];
        int count = 0;
        for (int slot = 0; slot < ids.length; slot++) {
            if (ids[slot] == expert) {
                slots[count++] = slot;
            }
        }
        return Arrays.copyOf(slots, count);
    }
}
