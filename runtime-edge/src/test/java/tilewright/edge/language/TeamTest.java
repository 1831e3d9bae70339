package tilewright.edge.language;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TeamTest {
    private static final long SHARED = Long.MAX_VALUE;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void everyItemOfManyLoopsRunsOnceAndIsSeenWhenTheLoopEnds(int threads) {
        try (Team team = new Team(threads)) {
            int[] sums = new int[100];
            for (int loop = 0; loop < 3000; loop++) {
                int items = loop % 101;
                AtomicIntegerArray runs = new AtomicIntegerArray(100);
                int number = loop;
                team.each(items, SHARED, (item, _) -> {
                    runs.incrementAndGet(item);
                    sums[item] = number * item;
                });
                for (int item = 0; item < items; item++) {
                    assertEquals(1, runs.get(item));
                    assertEquals(loop * item, sums[item]);
                }
            }
        }
    }

    @Test
    void rangesCoverTheRowsOnce() {
        try (Team team = new Team(3)) {
            for (int rows = 0; rows < 50; rows++) {
                AtomicIntegerArray runs = new AtomicIntegerArray(50);
                team.ranges(rows, SHARED, (from, to, _) -> {
                    for (int row = from; row < to; row++) {
                        runs.incrementAndGet(row);
                    }
                });
                for (int row = 0; row < 50; row++) {
                    assertEquals(row < rows ? 1 : 0, runs.get(row));
                }
            }
        }
    }

    @Test
    void aFailureReachesTheCallerAndTheTeamGoesOn() {
        try (Team team = new Team(4)) {
            for (int loop = 0; loop < 200; loop++) {
                RuntimeException failure = assertThrows(
                        RuntimeException.class,
                        () -> team.each(1000, SHARED, (item, _) -> {
                            if (item == 500) {
                                throw new IllegalArgumentException("item 500");
                            }
                        }));
                assertTrue(failure.getMessage().contains("item 500"), failure.getMessage());
                AtomicIntegerArray runs = new AtomicIntegerArray(10);
                team.each(10, SHARED, (item, _) -> runs.incrementAndGet(item));
                for (int item = 0; item < 10; item++) {
                    assertEquals(1, runs.get(item));
                }
            }
        }
    }

    @Test
    void aLoopWhereAllFailLeavesNothingForTheNext() {
        try (Team team = new Team(3)) {
            for (int loop = 0; loop < 500; loop++) {
                CyclicBarrier all = new CyclicBarrier(3);
                assertThrows(
                        IllegalArgumentException.class,
                        () -> team.each(3, SHARED, (item, _) -> {
                            meet(all);
                            throw new IllegalArgumentException("item " + item);
                        }));
                assertDoesNotThrow(() -> team.each(3, SHARED, (_, _) -> {}));
            }
        }
    }

    private static void meet(CyclicBarrier all) {
        try {
            all.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }
}
