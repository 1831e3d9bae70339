package tilewright.compiler.forecast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import tilewright.edge.expert.StorageRate;
import tilewright.edge.probe.ReadingPace;

/** Times that were counted by hand: experts of 10 bytes, read at 10 bytes per second after a second. */
class OverlapTest {
    private static final double EXACT = 1e-9;

    private static Overlap overlap(double beside, double computing, double dense, double expert, double recall) {
        return new Overlap(new ReadingPace(1, new StorageRate(10, beside), computing), dense, expert, 10, recall, 0);
    }

    @Test
    void whatIsInMemoryIsComputedAtOnce() {
        Overlap overlap = overlap(10, 1, 1, 0.5, 0);
        overlap.layer(8, 0, 0);
        assertEquals(1 + 8 * 0.5, overlap.seconds(), EXACT);
    }

    @Test
    void missesComeOneAfterTheOther() {
        Overlap overlap = overlap(10, 1, 1, 0.25, 0);
        overlap.layer(2, 2, 0);
        // Asked for at 1, there at 3 and at 4.
        assertEquals(4.25, overlap.seconds(), EXACT);
        // Nothing is being read any more, so the next layer's begin late, too.
        overlap.layer(2, 2, 0);
        assertEquals(8.5, overlap.seconds(), EXACT);
    }

    @Test
    void readingIsSlowerBesideComputing() {
        Overlap overlap = overlap(5, 1, 1, 0.25, 0);
        overlap.layer(2, 2, 0);
        // From 3 to 3.25 come 1.25 bytes, and 8.75 more take until 4.125.
        assertEquals(4.375, overlap.seconds(), EXACT);
    }

    @Test
    void computingIsSlowerBesideReading() {
        Overlap overlap = overlap(10, 0.5, 1, 0.25, 0);
        overlap.layer(2, 2, 0);
        // The first one takes from 3 to 3.5, the second from 4 to 4.25.
        assertEquals(4.25, overlap.seconds(), EXACT);
        Overlap longer = overlap(10, 0.5, 1, 0.75, 0);
        longer.layer(2, 2, 0);
        // Half a second of the first one is done when the second is there at 4, a quarter of a second is left.
        assertEquals(4.25 + 0.75, longer.seconds(), EXACT);
    }

    @Test
    void readingHidesBehindWhatIsInMemory() {
        Overlap overlap = overlap(10, 1, 1, 2, 0);
        overlap.layer(3, 1, 0);
        assertEquals(7, overlap.seconds(), EXACT);
    }

    @Test
    void guessesAreThereWhenTheirLayerBegins() {
        Overlap overlap = overlap(10, 1, 1.5, 1, 1);
        overlap.layer(1, 0, 1);
        overlap.layer(1, 1, 0);
        // Begun at 1.5 and there at 3.5, where the second layer asks at 4.
        assertEquals(5, overlap.seconds(), EXACT);
        Overlap without = overlap(10, 1, 1.5, 1, 0);
        without.layer(1, 0, 1);
        without.layer(1, 1, 0);
        assertEquals(7, without.seconds(), EXACT);
    }

    @Test
    void aGuessOnItsWayIsAwaited() {
        Overlap overlap = overlap(10, 1, 0.5, 0.5, 1);
        overlap.layer(1, 0, 1);
        overlap.layer(1, 1, 0);
        // Begun at 0.5, asked for at 1.5, there at 2.5.
        assertEquals(3, overlap.seconds(), EXACT);
    }

    @Test
    void guessesComeBehindWhatTheLayerNeeds() {
        Overlap overlap = overlap(10, 1, 0.5, 0.5, 1);
        overlap.layer(1, 1, 1);
        // Asked for at 0.5, there at 2.5, the guess without another beginning at 3.5, the next layer's turn too.
        assertEquals(3, overlap.seconds(), EXACT);
        overlap.layer(1, 1, 0);
        assertEquals(4, overlap.seconds(), EXACT);
    }

    @Test
    void aWrongGuessIsInTheWayWhileItIsRead() {
        Overlap overlap = new Overlap(new ReadingPace(1, new StorageRate(10, 10), 1), 0.5, 0.5, 10, 0, 3);
        overlap.layer(1, 0, 1);
        overlap.layer(1, 1, -1);
        // Begun at 0.5 and read at 2.5, the other two given up at 1.5; then the one that is needed, until 3.5.
        assertEquals(4, overlap.seconds(), EXACT);
    }
}
