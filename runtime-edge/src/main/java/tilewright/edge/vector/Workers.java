package tilewright.edge.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A fixed number of threads that share the items of one loop; waiting threads are parked.
 *
 * <p>Which thread computes an item is left to chance, so an item's result may depend on nothing but the item.
 */
final class Workers implements AutoCloseable {
    private final Scratch[] scratches;
    private final ExecutorService helpers;

    /** Work on one item. */
    @FunctionalInterface
    interface Work {
        void run(int item, Scratch scratch);
    }

    /**
     * Workers with this many threads, the caller's included.
     *
     * @param threads at least 1
     */
    Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is " + threads + ", expected at least 1");
        }
        scratches = new Scratch[threads];
        for (int i = 0; i < threads; i++) {
            scratches[i] = new Scratch();
        }
        helpers = threads == 1
                ? null
                : Executors.newFixedThreadPool(
                        threads - 1,
                        Thread.ofPlatform().daemon().name("vector-executor-", 1).factory());
    }

    int threads() {
        return scratches.length;
    }

    /** Runs {@code work} for every item from 0 to {@code items - 1}, in any order, and returns when all are done. */
    void forEach(int items, Work work) {
        int helping = Math.min(items, scratches.length) - 1;
        AtomicInteger next = new AtomicInteger();
        List<Help> helps = new ArrayList<>();
        for (int i = 1; i <= helping; i++) {
            helps.add(new Help(items, next, work, scratches[i]));
            helpers.execute(helps.getLast());
        }
        try {
            take(items, next, work, scratches[0]);
        } finally {
            // Nobody may still use its scratch or the operands when the next loop begins.
            join(helps);
        }
    }

    /** Runs {@code work} for every block of {@code block} items, given their range. */
    void forBlocks(int items, int block, BlockWork work) {
        int blocks = Math.ceilDiv(items, block);
        forEach(blocks, (i, scratch) -> work.run(i * block, Math.min(items, (i + 1) * block), scratch));
    }

    /** Work on the items {@code from .. to-1}. */
    @FunctionalInterface
    interface BlockWork {
        void run(int from, int to, Scratch scratch);
    }

    private static void take(int items, AtomicInteger next, Work work, Scratch scratch) {
        try {
            for (int item = next.getAndIncrement(); item < items; item = next.getAndIncrement()) {
                work.run(item, scratch);
            }
        } catch (RuntimeException | Error e) {
            next.set(items);
            throw e;
        }
    }

    private static void join(List<Help> helps) {
        Throwable failure = null;
        boolean interrupted = false;
        for (Help help : helps) {
            while (!help.revoke()) {
                try {
                    help.finished.await();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            failure = help.failure != null ? help.failure : failure;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IllegalStateException("a worker failed: " + failure, failure);
        }
    }

    /** One helper's part in a loop; on a busy machine it may not have begun when the caller has done everything. */
    private static final class Help implements Runnable {
        private final int items;
        private final AtomicInteger next;
        private final Work work;
        private final Scratch scratch;
        private final AtomicBoolean claimed = new AtomicBoolean();
        private final CountDownLatch finished = new CountDownLatch(1);
        private Throwable failure;

        Help(int items, AtomicInteger next, Work work, Scratch scratch) {
            this.items = items;
            this.next = next;
            this.work = work;
            this.scratch = scratch;
        }

        /** Whether the helper had not begun, and now never will. */
        boolean revoke() {
            return claimed.compareAndSet(false, true);
        }

        @Override
        public void run() {
            if (claimed.compareAndSet(false, true)) {
                try {
                    take(items, next, work, scratch);
                } catch (RuntimeException | Error e) {
                    failure = e;
                } finally {
                    finished.countDown();
                }
            }
        }
    }

    @Override
    public void close() {
        if (helpers != null) {
            helpers.close();
        }
    }
}
