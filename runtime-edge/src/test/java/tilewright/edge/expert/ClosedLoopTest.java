package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decisions about lanes and guesses on storage of known behaviour. */
class ClosedLoopTest {
    /** Storage for which the computation waits least at {@code best} lanes, and longer on both sides of them. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 8})
    void lanesStayWithinOneOfTheBest(int best) {
        ClosedLoop loop = new ClosedLoop(0);
        int there = 0;
        for (int window = 0; window < 80; window++) {
            double waits = 0.2 * (1 + 0.1 * Math.abs(loop.lanes() - best));
            loop.window(1, 0.5, waits, 1_000_000_000);
            assertTrue(loop.lanes() >= 1 && loop.lanes() <= 8);
            if (window >= 20) {
                assertTrue(Math.abs(loop.lanes() - best) <= 1, "window " + window + ": " + loop.lanes() + " lanes");
                there += loop.lanes() == best ? 1 : 0;
            }
        }
        assertTrue(there >= 42, there + " of 60 windows with the best number of lanes");
    }

    @Test
    void aGivenNumberOfLanesStays() {
        ClosedLoop loop = new ClosedLoop(3);
        for (int window = 0; window < 10; window++) {
            loop.window(1, 1, 0.1 * window, 1_000_000L * window);
            assertEquals(3, loop.lanes());
        }
    }

    @Test
    void guessesPauseWhenNeededReadsLeaveStorageNoTimeAndAreTriedAgain() {
        ClosedLoop loop = new ClosedLoop(4);
        loop.window(1, 0.5, 0.1, 1000);
        assertTrue(loop.guesses(), "storage is idle for half of the time");
        loop.window(1, 0.99, 0.5, 1000);
        assertFalse(loop.guesses(), "storage has no idle time");
        int windows = 0;
        while (!loop.guesses()) {
            loop.window(1, 0.5, 0.1, 1000);
            windows++;
        }
        assertTrue(windows < 20, windows + " windows");
    }
}
