package tilewright.model.tokenizer;

import java.util.Arrays;

/** Texts, walked character by character (UTF-16), each with a value. */
final class TokenTrie {
    static final int ROOT = 0;
    static final int NONE = -1;

    private long[] keys;
    private int[] children;
    private int[] values;
    private int nodes = 1;

    TokenTrie(int expectedTexts) {
        int capacity = Integer.highestOneBit(Math.max(16, expectedTexts)) * 8;
        keys = new long[capacity];
        children = new int[capacity];
        values = new int[Math.max(16, expectedTexts * 2)];
        Arrays.fill(values, NONE);
    }

    /** Adds a text; the value of a text that is there already is replaced. */
    void put(String text, int value) {
        int node = ROOT;
        for (int i = 0; i < text.length(); i++) {
            node = childOrNew(node, text.charAt(i));
        }
        values[node] = value;
    }

    /** The node below {@code node} on {@code c}; {@link #NONE} if no text goes on so. */
    int child(int node, char c) {
        int slot = slot(key(node, c));
        return keys[slot] == 0 ? NONE : children[slot];
    }

    /** The value of the text that ends at a node; {@link #NONE} if none does. */
    int value(int node) {
        return values[node];
    }

    /** The end of the longest text that begins at {@code from}; -1 if none does. */
    int longest(String text, int from, int to) {
        int node = ROOT;
        int end = -1;
        for (int i = from; i < to; i++) {
            node = child(node, text.charAt(i));
            if (node == NONE) {
                break;
            }
            if (values[node] != NONE) {
                end = i + 1;
            }
        }
        return end;
    }

    /** The value of the text from {@code from} to {@code to}; {@link #NONE} if it is not there. */
    int valueOf(String text, int from, int to) {
        int node = ROOT;
        for (int i = from; i < to && node != NONE; i++) {
            node = child(node, text.charAt(i));
        }
        return node == NONE ? NONE : values[node];
    }

    private int childOrNew(int node, char c) {
        long key = key(node, c);
        int slot = slot(key);
        if (keys[slot] != 0) {
            return children[slot];
        }
        if (nodes * 2 >= keys.length) {
            rehash();
            slot = slot(key);
        }
        if (nodes == values.length) {
            int old = values.length;
            values = Arrays.copyOf(values, old * 2);
            Arrays.fill(values, old, old * 2, NONE);
        }
        keys[slot] = key;
        children[slot] = nodes;
        return nodes++;
    }

    /** Never 0, so that 0 can mean an empty slot. */
    private static long key(int node, char c) {
        return (long) node << 16 | c | 1L << 62;
    }

    private int slot(long key) {
        long hash = key * 0x9E3779B97F4A7C15L;
        int mask = keys.length - 1;
        int slot = (int) (hash >>> 32) & mask;
        while (keys[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void rehash() {
        long[] oldKeys = keys;
        int[] oldChildren = children;
        keys = new long[oldKeys.length * 2];
        children = new int[oldKeys.length * 2];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                children[slot] = oldChildren[i];
            }
        }
    }
}
