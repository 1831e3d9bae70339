package tilewright.model.tokenizer;

import java.util.Arrays;

/**
 * Byte-pair encoding of one word: as long as neighbours can be merged, the pair of the lowest rank is, the leftmost of
 * several (Sennrich et al. 2016).
 *
 * <p>Short words look for the lowest rank each time; long ones keep a heap, so that a text of n symbols without word
 * boundaries takes n log n steps.
 */
final class Merging {
    private static final int SHORT = 48;
    private static final int NO_RANK = Integer.MAX_VALUE;

    private final Pairs pairs;
    private final int[] symbols;
    private final int[] next;
    private final int[] previous;
    /** The rank of the pair that begins at each symbol, and what it becomes. */
    private final int[] ranks;

    private final int[] results;
    private long[] heap = new long[0];
    private int heapSize;

    private Merging(Pairs pairs, int[] symbols, int count) {
        this.pairs = pairs;
        this.symbols = symbols;
        this.next = new int[count];
        this.previous = new int[count];
        this.ranks = new int[count];
        this.results = new int[count];
        for (int i = 0; i < count; i++) {
            previous[i] = i - 1;
            next[i] = i + 1 < count ? i + 1 : -1;
        }
    }

    /**
     * Merges in place.
     *
     * @param symbols the symbols of a word; negative ones merge with nothing
     * @param count how many there are
     * @return how many there are now, at the beginning of {@code symbols}
     */
    static int merge(Pairs pairs, int[] symbols, int count) {
        if (count < 2) {
            return count;
        }
        Merging merging = new Merging(pairs, symbols, count);
        if (count <= SHORT) {
            merging.mergeShort(count);
        } else {
            merging.mergeLong(count);
        }
        int kept = 0;
        for (int i = 0; i >= 0; i = merging.next[i]) {
            symbols[kept++] = symbols[i];
        }
        return kept;
    }

    private void mergeShort(int count) {
        for (int i = 0; i < count; i++) {
            rate(i);
        }
        while (true) {
            int best = -1;
            int bestRank = NO_RANK;
            for (int i = 0; i >= 0; i = next[i]) {
                if (ranks[i] < bestRank) {
                    bestRank = ranks[i];
                    best = i;
                }
            }
            if (best < 0) {
                return;
            }
            mergeAt(best);
            if (previous[best] >= 0) {
                rate(previous[best]);
            }
            rate(best);
        }
    }

    private void mergeLong(int count) {
        heap = new long[count];
        for (int i = 0; i < count; i++) {
            rate(i);
            push(i);
        }
        while (heapSize > 0) {
            long entry = pop();
            int at = (int) entry;
            if (ranks[at] != (int) (entry >>> 32)) {
                continue;
            }
            mergeAt(at);
            if (previous[at] >= 0) {
                rate(previous[at]);
                push(previous[at]);
            }
            rate(at);
            push(at);
        }
    }

    private void rate(int at) {
        int found = next[at] < 0 ? Pairs.NONE : pairs.find(symbols[at], symbols[next[at]]);
        ranks[at] = found == Pairs.NONE ? NO_RANK : pairs.rank(found);
        results[at] = found == Pairs.NONE ? 0 : pairs.result(found);
    }

    private void mergeAt(int at) {
        int right = next[at];
        symbols[at] = results[at];
        ranks[right] = NO_RANK;
        next[at] = next[right];
        if (next[right] >= 0) {
            previous[next[right]] = at;
        }
    }

    private void push(int at) {
        if (ranks[at] == NO_RANK) {
            return;
        }
        if (heapSize == heap.length) {
            heap = Arrays.copyOf(heap, heap.length * 2);
        }
        long entry = (long) ranks[at] << 32 | at;
        int i = heapSize++;
        while (i > 0 && heap[i - 1 >>> 1] > entry) {
            heap[i] = heap[i - 1 >>> 1];
            i = i - 1 >>> 1;
        }
        heap[i] = entry;
    }

    private long pop() {
        long lowest = heap[0];
        long last = heap[--heapSize];
        int i = 0;
        while (true) {
            int child = 2 * i + 1;
            if (child >= heapSize) {
                break;
            }
            if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= last) {
                break;
            }
            heap[i] = heap[child];
            i = child;
        }
        heap[i] = last;
        return lowest;
    }
}
