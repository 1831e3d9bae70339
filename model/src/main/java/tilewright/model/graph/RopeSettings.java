package tilewright.model.graph;

import java.util.Locale;

/**
 * Which columns a rotary embedding turns, and how.
 *
 * @param heads in a row
 * @param width columns of one head
 * @param start first rotated column of a head
 * @param rotary number of rotated columns of a head; even
 * @param pairing which columns form a pair
 * @param frequencies one per pair
 */
public record RopeSettings(int heads, int width, int start, int rotary, Pairing pairing, RopeFrequencies frequencies) {
    /** Which columns form a pair. */
    public enum Pairing {
        /** Column i of the first half with column i of the second: GPT-NeoX, and most models in Hugging Face's layout. */
        HALVES,
        /** Neighbours 2i and 2i+1: GPT-J, Cohere, Llama 4, DeepSeek-V2. */
        ADJACENT
    }

    /** Whole heads, rotated from their first column. */
    public static RopeSettings wholeHeads(int heads, int width, Pairing pairing, RopeFrequencies frequencies) {
        return new RopeSettings(heads, width, 0, width, pairing, frequencies);
    }

    /** The first column of pair {@code i}, counted in a head. */
    public int first(int pair) {
        return start + (pairing == Pairing.HALVES ? pair : 2 * pair);
    }

    /** The second column of pair {@code i}, counted in a head. */
    public int second(int pair) {
        return first(pair) + (pairing == Pairing.HALVES ? rotary / 2 : 1);
    }

    @Override
    public String toString() {
        return "heads=" + heads + ", width=" + width + ", start=" + start + ", rotary=" + rotary + ", pairing="
                + pairing.name().toLowerCase(Locale.ROOT) + ", frequencies=" + frequencies;
    }
}
