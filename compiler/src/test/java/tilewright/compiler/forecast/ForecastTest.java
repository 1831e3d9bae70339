package tilewright.compiler.forecast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import tilewright.edge.expert.StorageRate;
import tilewright.edge.probe.ReadingPace;

class ForecastTest {
    /** 100 experts of 10 bytes, of which a token needs 8. */
    private static final Demand DEMAND = new Demand(500, 120, 80, 80, 1000, 100, 160, 100);

    /** Tokens that use so many experts in turn, one each. */
    private static HitCurve turns(int experts, int tokens, int ignored) {
        int[][][] uses = new int[tokens][1][1];
        for (int i = 0; i < tokens; i++) {
            uses[i][0][0] = i % experts;
        }
        return new HitCurve(uses, ignored);
    }

    @Test
    void aBudgetKeepsWhatIsLeftForExperts() {
        assertEquals(660, DEMAND.leastBudget());
        assertEquals(-1, DEMAND.slots(659));
        assertEquals(16, DEMAND.slots(660));
        assertEquals(49, DEMAND.slots(999));
        assertEquals(100, DEMAND.slots(1500));
        assertEquals(100, DEMAND.slots(Long.MAX_VALUE));
    }

    @Test
    void aBudgetHoldsTheWeightsThatOneTokenNeeds() {
        // Of 500 bytes 100 are code; 400 of weights and 300 of experts are more than 500 and 160.
        assertEquals(700, new Demand(500, 120, 250, 300, 1000, 100, 160, 100).leastBudget());
    }

    private static MachineSpeed speed(StorageRate storage, double weights) {
        return new MachineSpeed(storage, new ReadingPace(0.5, storage, 1), weights);
    }

    @Test
    void withoutHitsStorageBoundsAToken() {
        Forecast forecast = Forecast.of(DEMAND, speed(new StorageRate(40, 32), 120), turns(90, 90, 0), 700);
        assertEquals(0, forecast.hitRate());
        assertEquals(2.0, forecast.computeSeconds(), 1e-12);
        assertEquals(2.0, forecast.storageSeconds(), 1e-12);
        assertEquals(2.5, forecast.besideSeconds(), 1e-12);
        assertEquals(0.5, forecast.boundTokensPerSecond(), 1e-12);
        // A token's one expert is asked for once the other weights have been computed, and computed when it is there.
        assertEquals(1 / (1.2 + 0.5 + 2 + 0.8), forecast.tokensPerSecond(), 1e-12);
        // A single layer has none before it to guess from.
        assertEquals(forecast.tokensPerSecond(), forecast.guessingTokensPerSecond(), 1e-12);
    }

    @Test
    void withAllExpertsInMemoryNothingIsRead() {
        for (long budget : new long[] {1000, 1500}) {
            Forecast forecast = Forecast.of(DEMAND, speed(new StorageRate(40, 40), 120), turns(50, 1000, 50), budget);
            assertEquals(1, forecast.hitRate());
            assertEquals(0, forecast.readBytes());
            assertEquals(0.5, forecast.tokensPerSecond(), 1e-9);
        }
    }

    @Test
    void aBudgetThatIsTooSmallIsRefused() {
        assertEquals(
                "a budget of 600 bytes, expected at least 660",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Forecast.of(DEMAND, speed(new StorageRate(1, 1), 1), turns(1, 1, 0), 600))
                        .getMessage());
    }
}
