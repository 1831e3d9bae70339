package tilewright.compiler.forecast;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tilewright.edge.expert.CacheTrial;

/** Hit rates of the runtime's cache of experts at any size, from what some text needs; safe for use by several threads. */
public final class HitCurve {
    private final int[][][] uses;
    private final int ignored;
    private final Map<Long, int[][]> misses = new ConcurrentHashMap<>();

    /**
     * Of a text.
     *
     * @param uses [token][layer] the experts needed; not copied
     * @param ignored so many tokens at the begin only fill the cache and are not counted
     */
    public HitCurve(int[][][] uses, int ignored) {
        this.uses = uses;
        this.ignored = ignored;
    }

    /**
     * The share of uses that find their expert in a cache, 0 to 1; 0 for an empty text.
     *
     * @param slots experts that the cache holds, not negative
     */
    public double hitRate(long slots) {
        int[][] missing = misses(slots);
        long counted = 0;
        long missed = 0;
        for (int token = 0; token < missing.length; token++) {
            for (int layer = 0; layer < missing[token].length; layer++) {
                counted += needed(token, layer);
                missed += missing[token][layer];
            }
        }
        return counted == 0 ? 0 : 1 - (double) missed / counted;
    }

    /** How many experts each token that counts does not find in a cache, [token][layer]; not to be changed. */
    int[][] misses(long slots) {
        return misses.computeIfAbsent(slots, size -> {
            int[][] all = CacheTrial.misses(uses, size);
            return Arrays.copyOfRange(all, Math.min(ignored, all.length), all.length);
        });
    }

    /** How many experts a token that counts needs in a layer. */
    int needed(int token, int layer) {
        return uses[ignored + token][layer].length;
    }
}
