package tilewright.compiler.forecast;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tilewright.edge.expert.CacheTrial;

/** Hit rates of the runtime's cache of experts at any size, from what some text needs; safe for use by several threads. */
public final class HitCurve {
    private final int[][][] uses;
    private final int ignored;
    private final Map<Long, Double> rates = new ConcurrentHashMap<>();

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
        return rates.computeIfAbsent(slots, size -> CacheTrial.hitRate(uses, size, ignored));
    }
}
