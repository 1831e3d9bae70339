package tilewright.edge.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Loops shared by threads. */
@Timeout(60)
class WorkersTest {
    @Test
    void everyItemRunsExactlyOnceInEveryLoop() {
        for (int threads = 1; threads <= 4; threads++) {
            try (Workers workers = new Workers(threads)) {
                for (int items = 0; items < 200; items++) {
                    AtomicIntegerArray runs = new AtomicIntegerArray(items);
                    workers.forEach(items, (item, scratch) -> runs.incrementAndGet(item));
                    for (int item = 0; item < items; item++) {
                        assertEquals(1, runs.get(item), "item " + item + " of " + items);
                    }
                }
            }
        }
    }

    @Test
    void blocksCoverAllItems() {
        try (Workers workers = new Workers(2)) {
            AtomicInteger sum = new AtomicInteger();
            workers.forBlocks(103, 10, (from, to, scratch) -> sum.addAndGet(1000 + to - from));
            assertEquals(11 * 1000 + 103, sum.get());
        }
    }

    @Test
    void threadsThatWorkAtTheSameTimeHaveTheirOwnScratch() {
        try (Workers workers = new Workers(2)) {
            CountDownLatch both = new CountDownLatch(2);
            Set<Scratch> seen = ConcurrentHashMap.newKeySet();
            workers.forEach(2, (item, scratch) -> {
                seen.add(scratch);
                both.countDown();
                try {
                    both.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertEquals(2, seen.size());
        }
    }

    @Test
    void aFailureOfAnyThreadReachesTheCallerAndTheNextLoopRuns() {
        try (Workers workers = new Workers(3)) {
            for (int failing = 0; failing < 50; failing++) {
                int bad = failing;
                RuntimeException e = assertThrows(
                        RuntimeException.class,
                        () -> workers.forEach(50, (item, scratch) -> {
                            if (item == bad) {
                                throw new IllegalArgumentException("item " + item);
                            }
                        }));
                Throwable cause = e.getCause() == null ? e : e.getCause();
                assertEquals("item " + bad, cause.getMessage());
                AtomicInteger count = new AtomicInteger();
                workers.forEach(50, (item, scratch) -> count.incrementAndGet());
                assertEquals(50, count.get());
            }
        }
    }

    @Test
    void scratchGrowsAndIsKept() {
        Scratch scratch = new Scratch();
        float[] small = scratch.floats(0, 10);
        assertSame(small, scratch.floats(0, 7));
        assertNotSame(small, scratch.floats(1, 10));
        assertEquals(11, scratch.floats(0, 11).length);
    }
}
