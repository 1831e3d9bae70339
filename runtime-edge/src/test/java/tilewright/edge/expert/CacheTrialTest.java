package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hits of a cache of which nothing but the policy is there, beside another program's that was written from its description. */
class CacheTrialTest {
    /** Three layers of ten experts, two of them for each of 300 tokens; low numbers come more often. */
    private static int[][][] text() {
        int[][][] text = new int[300][3][2];
        long state = 12345;
        for (int[][] token : text) {
            for (int[] layer : token) {
                int found = 0;
                while (found < 2) {
                    state = (state * 1103515245 + 12345) % (1L << 31);
                    int expert = (int) ((state >> 8) % 10 * ((state >> 16) % 10) / 10);
                    if (found == 0 || layer[0] != expert) {
                        layer[found++] = expert;
                    }
                }
            }
        }
        return text;
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "8, 936", "12, 1258", "16, 1499", "20, 1592", "25, 1661", "30, 1676"})
    void hitsAreThoseOfTheReference(int slots, int hits) {
        assertEquals(hits / 1680.0, CacheTrial.hitRate(text(), slots, 20), 1e-12);
    }

    @Test
    void withoutUsesNothingHits() {
        assertEquals(0, CacheTrial.hitRate(new int[0][][], 4, 0));
    }
}
