package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What a use is worth as time goes by. */
class UseClockTest {
    @Test
    void aUseCountsHalfAfterItsHalfLifeAndNothingInTheEnd() {
        UseClock clock = new UseClock(4);
        assertEquals(1, clock.decay(0));
        assertEquals(0.5, clock.decay(UseClock.HALF_LIFE), 1e-12);
        assertEquals(0.25, clock.decay(2 * UseClock.HALF_LIFE), 1e-12);
        assertEquals(0, clock.decay(1_000_000));
    }

    @Test
    void theNextLayerIsWorthMostAndTheOneAtWorkLeast() {
        UseClock clock = new UseClock(4);
        clock.begin(2);
        assertEquals(1, clock.soon(3));
        assertEquals(0.875, clock.soon(0));
        assertEquals(0.75, clock.soon(1));
        assertEquals(0.625, clock.soon(2));
    }

    @Test
    void anExpertsHeatIsTheSumOfItsUsesAsTheyFade() {
        UseClock clock = new UseClock(1);
        CachedExpert expert = new CachedExpert(0, 0, 1, 1, clock);
        for (int token = 0; token < UseClock.HALF_LIFE; token++) {
            clock.begin(0);
            if (token == 0 || token == UseClock.HALF_LIFE - 1) {
                expert.heated(expert.heat() + 1);
            }
        }
        clock.begin(0);
        // One use 32 tokens ago, one a token ago.
        assertEquals(0.5 + Math.pow(0.5, 1.0 / 32), expert.heat(), 1e-12);
    }
}
