package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PieceQueueTest {
    private final PieceQueue queue = new PieceQueue(8, 4);

    /** A record of which only the pieces matter. */
    private static final class Record extends PieceQueue.Load {
        @Override
        void arrived(long from, long bytes) {}

        @Override
        void open() {}

        @Override
        void ended(Throwable failure) {}
    }

    private Record add(int pieces, boolean demand) {
        Record load = new Record();
        List<PieceQueue.Piece> list = new ArrayList<>();
        for (int i = 0; i < pieces; i++) {
            list.add(new PieceQueue.Piece(load, null, 100 * i, 100, 100 * i, null));
        }
        queue.add(load, list, demand);
        return load;
    }

    private PieceQueue.Load begun(int lane) {
        return queue.begin(lane).piece().load();
    }

    @Test
    void whatIsDemandedIsReadBeforeWhatIsGuessed() {
        Record guess = add(1, false);
        Record demanded = add(2, true);
        assertSame(demanded, begun(0));
        assertSame(demanded, begun(1));
        assertSame(guess, begun(2));
        assertNull(queue.begin(3));
        assertTrue(queue.drained());
    }

    @Test
    void guessesKeepHalfOfTheLanesFreeForWhatIsDemanded() {
        Record guess = add(4, false);
        PieceQueue.Turn first = queue.begin(0);
        assertFalse(first.needed());
        assertSame(guess, begun(1));
        assertNull(queue.begin(2));
        Record demanded = add(1, true);
        PieceQueue.Turn needed = queue.begin(2);
        assertSame(demanded, needed.piece().load());
        assertTrue(needed.needed());
        queue.end(first, true);
        assertSame(guess, begun(0));
    }

    @Test
    void aGuessThatTurnsOutRightGoesBeforeOtherGuessesOnAllLanes() {
        Record other = add(1, false);
        Record right = add(3, false);
        queue.demand(right);
        for (int lane = 0; lane < 3; lane++) {
            PieceQueue.Turn turn = queue.begin(lane);
            assertSame(right, turn.piece().load());
            assertTrue(turn.needed());
        }
        assertSame(other, begun(3));
    }

    @Test
    void lanesThatAreNotOpenGetNothing() {
        add(8, true);
        assertNull(queue.begin(4));
        queue.open(5);
        assertNotNull(queue.begin(4));
    }

    @Test
    void aGuessThatIsGivenUpEndsAtOnceOrWithWhatIsBeingRead() {
        Throwable ended = queue.cancel(add(3, false));
        assertEquals("it was not needed any more", ended.getMessage());
        Record begun = add(3, false);
        PieceQueue.Turn turn = queue.begin(0);
        assertNull(queue.cancel(begun));
        assertTrue(queue.drained());
        queue.end(turn, true);
        assertTrue(queue.settle(begun, null));
        assertEquals("it was not needed any more", queue.failure(begun).getMessage());
        assertNull(queue.cancel(add(1, true)), "what is demanded is not given up");
    }

    @Test
    void theFirstFailureOfALoadIsKeptAndItsOtherPiecesNeedNotBeRead() {
        Record load = add(3, true);
        IOException first = new IOException("first");
        queue.end(queue.begin(0), false);
        assertFalse(queue.settle(load, first));
        PieceQueue.Turn second = queue.begin(0);
        assertSame(first, second.failure());
        queue.end(second, false);
        assertFalse(queue.settle(load, new IOException("second")));
        queue.end(queue.begin(0), false);
        assertTrue(queue.settle(load, null));
        assertSame(first, queue.failure(load));
        assertEquals(0, load.bytesRead());
    }

    @Test
    void whatIsReadIsCounted() {
        Record load = add(2, true);
        PieceQueue.Turn one = queue.begin(0);
        PieceQueue.Turn two = queue.begin(1);
        queue.end(two, true);
        queue.end(one, true);
        assertEquals(200, load.bytesRead());
        assertEquals(200, queue.bytesRead());
    }

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void sleepingLanesAreWokenForEveryPieceAndAtTheEnd() throws InterruptedException {
        BlockingQueue<Integer> taken = new LinkedBlockingQueue<>();
        List<Thread> lanes = new ArrayList<>();
        for (int lane = 0; lane < 4; lane++) {
            int number = lane;
            lanes.add(Thread.ofPlatform().daemon().start(() -> {
                while (!queue.closed()) {
                    PieceQueue.Turn turn = queue.begin(number);
                    if (turn == null) {
                        queue.sleep();
                    } else {
                        queue.end(turn, true);
                        taken.add(turn.piece().bytes());
                    }
                }
            }));
        }
        for (int round = 0; round < 200; round++) {
            add(round % 7 + 1, round % 3 > 0);
            for (int piece = 0; piece <= round % 7; piece++) {
                assertEquals(100, taken.take());
            }
        }
        queue.close();
        for (Thread lane : lanes) {
            lane.join();
        }
        assertTrue(queue.drained());
    }

    @RepeatedTest(300)
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void lanesThatAreAboutToSleepEndToo() throws InterruptedException {
        List<Thread> lanes = new ArrayList<>();
        for (int lane = 0; lane < 4; lane++) {
            int number = lane;
            lanes.add(Thread.ofPlatform().daemon().start(() -> {
                while (!queue.closed()) {
                    if (queue.begin(number) == null) {
                        queue.sleep();
                    }
                }
            }));
        }
        queue.close();
        for (Thread lane : lanes) {
            lane.join();
        }
        assertTrue(queue.closed());
    }
}
