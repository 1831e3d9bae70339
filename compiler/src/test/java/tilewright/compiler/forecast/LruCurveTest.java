package tilewright.compiler.forecast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LruCurveTest {
    @Test
    void aCycleHitsOnlyWhenAllOfItFits() {
        int[] cycle = new int[100];
        for (int i = 0; i < cycle.length; i++) {
            cycle[i] = i % 10;
        }
        LruCurve curve = LruCurve.of(cycle, 12, 0);
        assertEquals(0, curve.hitRate(9));
        assertEquals(0.9, curve.hitRate(10));
        assertEquals(0.9, curve.hitRate(1000));
    }

    @Test
    void everySizeEqualsACacheThatIsReplayed() {
        SplittableRandom random = new SplittableRandom(7);
        int experts = 40;
        int ignored = 100;
        int[] uses = random.ints(3000, 0, experts * experts)
                .map(square -> (int) Math.sqrt(square))
                .toArray();
        LruCurve curve = LruCurve.of(uses, experts, ignored);
        for (int slots = 0; slots <= experts + 1; slots++) {
            LinkedHashSet<Integer> cache = new LinkedHashSet<>();
            int hits = 0;
            for (int i = 0; i < uses.length; i++) {
                boolean hit = cache.remove(uses[i]);
                cache.add(uses[i]);
                if (cache.size() > slots) {
                    cache.removeFirst();
                }
                hits += hit && i >= ignored ? 1 : 0;
            }
            assertEquals((double) hits / (uses.length - ignored), curve.hitRate(slots), "at " + slots + " slots");
        }
    }

    @Test
    void withoutUsesNothingHits() {
        assertEquals(0, LruCurve.of(new int[0], 4, 0).hitRate(4));
    }
}
