package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decisions about lanes and guesses on storage of known behaviour. */
class ClosedLoopTest {
    /** Storage that gives most at {@code best} lanes, and less on both sides of them. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 8})
    void lanesStayWithinOneOfTheBest(int best) {
        ClosedLoop loop = new ClosedLoop(0);
        for (int window = 0; window < 40; window++) {
            double rate = 2e9 * (1 - 0.1 * Math.abs(loop.lanes() - best));
            loop.window(1, 0.5, (long) (rate * 0.5), 0, 0);
            assertTrue(loop.lanes() >= 1 && loop.lanes() <= 8);
            if (window > 12) {
                assertTrue(Math.abs(loop.lanes() - best) <= 2, "window " + window + ": " + loop.lanes() + " lanes");
            }
        }
    }

    @Test
    void aGivenNumberOfLanesStays() {
        ClosedLoop loop = new ClosedLoop(3);
        for (int window = 0; window < 10; window++) {
            loop.window(1, 1, 1_000_000L * window, 0, 0);
            assertEquals(3, loop.lanes());
        }
    }

    @Test
    void guessesPauseWhenStorageIsBusyOrTheyAreWrongAndAreTriedAgain() {
        ClosedLoop loop = new ClosedLoop(4);
        loop.window(1, 0.5, 1000, 100, 80);
        assertTrue(loop.guesses(), "right guesses while storage is idle for half of the time");
        loop.window(1, 0.5, 1000, 100, 10);
        assertFalse(loop.guesses(), "one of ten was right");
        int windows = 0;
        while (!loop.guesses()) {
            loop.window(1, 0.5, 1000, 0, 0);
            windows++;
        }
        assertTrue(windows < 20, windows + " windows");
        loop.window(1, 0.99, 1000, 100, 90);
        assertFalse(loop.guesses(), "storage has no idle time");
    }
}
