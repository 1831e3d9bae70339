package tilewright.model.tokenizer;

import java.util.Arrays;

/** For each pair of neighbouring symbols that can be merged: its rank (lower goes first) and the symbol it becomes. */
final class PairTable implements Pairs {
    private static final long EMPTY = -1;

    private long[] keys;
    private int[] ranks;
    private int[] results;
    private int entries;

    PairTable(int expected) {
        allocate(Integer.highestOneBit(Math.max(16, expected)) * 4);
    }

    private void allocate(int capacity) {
        keys = new long[capacity];
        ranks = new int[capacity];
        results = new int[capacity];
        Arrays.fill(keys, EMPTY);
    }

    /** Adds a pair, or replaces it if {@code replace}; symbols are not negative. */
    void put(int left, int right, int rank, int result, boolean replace) {
        if (entries * 2 >= keys.length) {
            rehash();
        }
        int slot = slot(left, right);
        if (keys[slot] == EMPTY) {
            entries++;
        } else if (!replace) {
            return;
        }
        keys[slot] = key(left, right);
        ranks[slot] = rank;
        results[slot] = result;
    }

    @Override
    public int find(int left, int right) {
        if (left < 0 || right < 0) {
            return NONE;
        }
        int slot = slot(left, right);
        return keys[slot] == EMPTY ? NONE : slot;
    }

    @Override
    public int rank(int found) {
        return ranks[found];
    }

    @Override
    public int result(int found) {
        return results[found];
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }

    private int slot(int left, int right) {
        long key = key(left, right);
        long hash = key * 0x9E3779B97F4A7C15L;
        int mask = keys.length - 1;
        int slot = (int) (hash >>> 32) & mask;
        while (keys[slot] != EMPTY && keys[slot] != key) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private void rehash() {
        long[] oldKeys = keys;
        int[] oldRanks = ranks;
        int[] oldResults = results;
        allocate(oldKeys.length * 2);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != EMPTY) {
                int slot = slot((int) (oldKeys[i] >>> 32), (int) oldKeys[i]);
                keys[slot] = oldKeys[i];
                ranks[slot] = oldRanks[i];
                results[slot] = oldResults[i];
            }
        }
    }
}
