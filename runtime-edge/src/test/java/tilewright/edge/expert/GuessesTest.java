package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Which guesses are read, and what becomes of them. */
class GuessesTest {
    private final UseClock clock = new UseClock(2);
    private final Guesses guesses = new Guesses();

    private CachedExpert expert(int layer, int number) {
        return new CachedExpert(layer, number, 100, 100, clock);
    }

    @Test
    void whatIsInMemoryIsNotRead() {
        CachedExpert present = expert(1, 0);
        present.state = CachedExpert.State.READY;
        CachedExpert absent = expert(1, 1);
        guesses.expect(new CachedExpert[] {present, absent});
        assertEquals(absent, guesses.next());
        guesses.begun();
        assertTrue(absent.guess);
        assertEquals(100, guesses.heldBytes());
        assertNull(guesses.next());
    }

    @Test
    void whatWasNotNeededIsGivenUpAndHoldsNothing() {
        CachedExpert right = expert(1, 0);
        CachedExpert wrong = expert(1, 1);
        CachedExpert unread = expert(1, 2);
        guesses.expect(new CachedExpert[] {right, wrong, unread});
        guesses.next();
        guesses.begun();
        guesses.next();
        guesses.begun();
        right.pins++;
        right.guess = false;
        assertEquals(List.of(wrong), guesses.settle(1));
        assertFalse(wrong.guess);
        assertEquals(0, guesses.heldBytes());
        assertNull(guesses.next());
    }

    @Test
    void anotherLayersGuessesStay() {
        CachedExpert later = expert(1, 0);
        guesses.expect(new CachedExpert[] {later});
        assertEquals(List.of(), guesses.settle(0));
        assertEquals(later, guesses.next());
    }

    /** The first place is right always, the second one in every fifth case; then this turns round. */
    @Test
    void placesThatAreSeldomRightAreNotReadUntilTheyAreRightAgain() {
        for (int turned = 0; turned < 2; turned++) {
            for (int time = 0; time < 200; time++) {
                CachedExpert[] both = {expert(1, 0), expert(1, 1)};
                guesses.expect(both.clone());
                both[turned].pins = 1;
                both[1 - turned].pins = time % 5 == 0 ? 1 : 0;
                guesses.settle(1);
            }
            CachedExpert[] both = {expert(1, 0), expert(1, 1)};
            guesses.expect(both.clone());
            assertNotNull(guesses.next());
            assertEquals(both[turned], guesses.next());
            guesses.begun();
            assertNull(guesses.next());
        }
    }
}
