package tilewright.model.tokenizer;

import java.util.Arrays;

/**
 * Token texts by id and ids by text, without an object per entry.
 *
 * <p>The ids are those of the vocabulary, 0 to {@code size}, exclusive, in any order and with gaps; of two tokens of the
 * same text the one put first keeps it.
 */
final class TokenMap {
    static final int NONE = -1;

    private String[] texts;
    private int[] slots;
    private int entries;
    private int size;

    TokenMap(int expected) {
        texts = new String[Math.max(16, expected)];
        slots = new int[Integer.highestOneBit(Math.max(16, expected)) * 4];
    }

    /** Adds a token; false if another one has its text already (the id then has the text, not the text the id). */
    boolean put(String text, int id) {
        if (id >= texts.length) {
            texts = Arrays.copyOf(texts, Math.max(id + 1, (int) Math.min(1 << 30, texts.length * 2L)));
        }
        texts[id] = text;
        size = Math.max(size, id + 1);
        if (entries * 2 >= slots.length) {
            rehash();
        }
        int slot = slot(text);
        if (slots[slot] != 0) {
            return false;
        }
        slots[slot] = id + 1;
        entries++;
        return true;
    }

    /** The id of a text, or {@link #NONE}. */
    int id(String text) {
        return slots[slot(text)] - 1;
    }

    /** The id of two texts one behind the other, or {@link #NONE}; the whole is not put together. */
    int id(String left, String right) {
        int hash = left.hashCode();
        for (int i = right.length(); i > 0; i--) {
            hash *= 31;
        }
        int mask = slots.length - 1;
        int slot = first(hash + right.hashCode()) & mask;
        while (slots[slot] != 0) {
            String text = texts[slots[slot] - 1];
            if (text.length() == left.length() + right.length() && text.startsWith(left) && text.endsWith(right)) {
                return slots[slot] - 1;
            }
            slot = slot + 1 & mask;
        }
        return NONE;
    }

    /** The text of an id; null if the vocabulary leaves it out. */
    String text(int id) {
        return id >= 0 && id < size ? texts[id] : null;
    }

    /** One more than the largest id. */
    int size() {
        return size;
    }

    private int slot(String text) {
        int mask = slots.length - 1;
        int slot = first(text.hashCode()) & mask;
        while (slots[slot] != 0 && !texts[slots[slot] - 1].equals(text)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    /** A string's hash is a polynomial in 31 of its characters; so that of a whole follows from those of its parts. */
    private static int first(int stringHash) {
        int hash = stringHash * 0x9E3779B9;
        return hash ^ hash >>> 15;
    }

    private void rehash() {
        int[] old = slots;
        slots = new int[old.length * 2];
        for (int entry : old) {
            if (entry != 0) {
                slots[slot(texts[entry - 1])] = entry;
            }
        }
    }
}
