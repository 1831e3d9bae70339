package tilewright.compiler.forecast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ForecastTest {
    /** 100 experts of 10 bytes, of which a token needs 8; they are used in turn, so that a cache hits all or nothing. */
    private static final Demand DEMAND = new Demand(500, 120, 80, 1000, 100, 160);

    private static final LruCurve TURNS = LruCurve.of(turns(), 100, 50);

    private static int[] turns() {
        int[] uses = new int[1000];
        for (int i = 0; i < uses.length; i++) {
            uses[i] = i % 50;
        }
        return uses;
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
    void withoutHitsStorageBoundsAToken() {
        Forecast forecast = Forecast.of(DEMAND, new MachineSpeed(40, 110), TURNS, 700);
        assertEquals(0, forecast.hitRate());
        assertEquals(2.0, forecast.computeSeconds(), 1e-12);
        assertEquals(2.0, forecast.storageSeconds(), 1e-12);
        assertEquals(0.5, forecast.boundTokensPerSecond(), 1e-12);
        assertEquals(0.25, forecast.serialTokensPerSecond(), 1e-12);
    }

    @Test
    void withAllExpertsInMemoryNothingIsRead() {
        for (long budget : new long[] {1000, 1500}) {
            Forecast forecast = Forecast.of(DEMAND, new MachineSpeed(40, 110), TURNS, budget);
            assertEquals(1, forecast.hitRate());
            assertEquals(0, forecast.readBytes());
            assertEquals(0.5, forecast.serialTokensPerSecond(), 1e-12);
        }
    }

    @Test
    void aBudgetThatIsTooSmallIsRefused() {
        assertEquals(
                "a budget of 600 bytes, expected at least 660",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Forecast.of(DEMAND, new MachineSpeed(1, 1), TURNS, 600))
                        .getMessage());
    }
}
