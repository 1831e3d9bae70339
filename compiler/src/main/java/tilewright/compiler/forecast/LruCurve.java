package tilewright.compiler.forecast;

import java.util.Arrays;

/**
 * Hit rates of a least-recently-used cache of experts at every size at once, from a trace of routing.
 *
 * <p>A cache of n experts hits exactly where fewer than n others were used since the last use, so one pass that counts these
 * distances serves all sizes (Mattson, Gecsei, Slutz and Traiger, Evaluation techniques for storage hierarchies, 1970).
 */
public final class LruCurve {
    private final long[] hitsWithin;
    private final long uses;

    private LruCurve(long[] hitsWithin, long uses) {
        this.hitsWithin = hitsWithin;
        this.uses = uses;
    }

    /**
     * Counts a trace.
     *
     * @param uses the experts used, in order, numbered through all layers from 0
     * @param experts how many there are
     * @param ignored so many uses at the begin only fill the cache and are not counted
     * @throws ArrayIndexOutOfBoundsException when a number is not below {@code experts}
     */
    public static LruCurve of(int[] uses, int experts, int ignored) {
        // A 1 at the place of each expert's last use; the sum after a place is the number of others used since.
        long[] within = new long[experts + 1];
        int[] tree = new int[uses.length + 1];
        int[] last = new int[experts];
        Arrays.fill(last, -1);
        int seen = 0;
        for (int i = 0; i < uses.length; i++) {
            int before = last[uses[i]];
            if (before >= 0) {
                if (i >= ignored) {
                    within[seen - sum(tree, before + 1) + 1]++;
                }
                add(tree, before, -1);
            } else {
                seen++;
            }
            add(tree, i, 1);
            last[uses[i]] = i;
        }
        for (int size = 1; size <= experts; size++) {
            within[size] += within[size - 1];
        }
        return new LruCurve(within, Math.max(0, uses.length - ignored));
    }

    private static void add(int[] tree, int place, int value) {
        for (int i = place + 1; i < tree.length; i += i & -i) {
            tree[i] += value;
        }
    }

    /** The sum of the first {@code count} places. */
    private static int sum(int[] tree, int count) {
        int sum = 0;
        for (int i = count; i > 0; i -= i & -i) {
            sum += tree[i];
        }
        return sum;
    }

    /**
     * The share of uses that find their expert in a cache, 0 to 1; 0 for an empty trace.
     *
     * @param slots experts that the cache holds, not negative
     */
    public double hitRate(long slots) {
        return uses == 0 ? 0 : (double) hitsWithin[(int) Math.min(slots, hitsWithin.length - 1)] / uses;
    }
}
