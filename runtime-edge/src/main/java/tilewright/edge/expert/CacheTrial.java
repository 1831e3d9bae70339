package tilewright.edge.expert;

import java.util.ArrayList;
import java.util.List;

/** What a cache of experts would have hit on a recorded text, without reading or computing anything. */
public final class CacheTrial {
    private CacheTrial() {}

    /**
     * The share of uses that find their expert in memory, 0 to 1; 0 when none is counted.
     *
     * @param uses [token][layer] the experts that are needed, different ones; all tokens with as many layers
     * @param slots experts that the cache holds, all of one size
     * @param ignored so many tokens at the begin only fill the cache and are not counted
     */
    public static double hitRate(int[][][] uses, long slots, int ignored) {
        int[][] misses = misses(uses, slots);
        long counted = 0;
        long missed = 0;
        for (int token = ignored; token < uses.length; token++) {
            for (int layer = 0; layer < uses[token].length; layer++) {
                counted += uses[token][layer].length;
                missed += misses[token][layer];
            }
        }
        return counted == 0 ? 0 : 1 - (double) missed / counted;
    }

    /**
     * How many experts each token does not find in memory, [token][layer].
     *
     * @param uses [token][layer] as above
     * @param slots experts that the cache holds, all of one size
     */
    public static int[][] misses(int[][][] uses, long slots) {
        int layers = uses.length == 0 ? 1 : uses[0].length;
        UseClock clock = new UseClock(layers);
        List<List<CachedExpert>> known = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            known.add(new ArrayList<>());
        }
        List<CachedExpert> present = new ArrayList<>();
        int[][] misses = new int[uses.length][layers];
        for (int token = 0; token < uses.length; token++) {
            for (int layer = 0; layer < layers; layer++) {
                clock.begin(layer);
                List<CachedExpert> needed = new ArrayList<>();
                for (int expert : uses[token][layer]) {
                    for (int next = known.get(layer).size(); next <= expert; next++) {
                        known.get(layer).add(new CachedExpert(layer, next, 1, 1, clock));
                    }
                    CachedExpert found = known.get(layer).get(expert);
                    found.heated(found.heat() + 1);
                    found.pins++;
                    needed.add(found);
                    misses[token][layer] += found.present() ? 0 : 1;
                }
                for (CachedExpert expert : needed) {
                    if (expert.state == CachedExpert.State.ABSENT && room(present, slots)) {
                        expert.state = CachedExpert.State.READY;
                        present.add(expert);
                    }
                }
                needed.forEach(expert -> expert.pins--);
            }
        }
        return misses;
    }

    /** Whether there is room, made by dropping the expert of least worth if need be. */
    private static boolean room(List<CachedExpert> present, long slots) {
        if (present.size() < slots) {
            return true;
        }
        int least = -1;
        double worth = Double.MAX_VALUE;
        for (int place = 0; place < present.size(); place++) {
            CachedExpert expert = present.get(place);
            if (expert.evictable() && expert.worth() < worth) {
                least = place;
                worth = expert.worth();
            }
        }
        if (least < 0) {
            return false;
        }
        present.get(least).evicted();
        present.set(least, present.getLast());
        present.removeLast();
        return true;
    }
}
