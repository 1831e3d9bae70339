package tilewright.edge.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
        List<Future<?>> running = new ArrayList<>();
        for (int i = 1; i <= helping; i++) {
            Scratch scratch = scratches[i];
            running.add(helpers.submit(() -> take(items, next, work, scratch)));
        }
        try {
            take(items, next, work, scratches[0]);
        } finally {
            // Nobody may still use its scratch or the operands when the next loop begins.
            join(running);
        }
    }

    /** Runs {@code work} for every block of {@code block} items; it receives the number of the block. */
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

    private static void join(List<Future<?>> running) {
        Throwable failure = null;
        boolean interrupted = false;
        for (Future<?> future : running) {
            boolean done = false;
            while (!done) {
                try {
                    future.get();
                    done = true;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    failure = e.getCause();
                    done = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IllegalStateException("a worker failed: " + failure, failure);
        }
    }

    @Override
    public void close() {
        if (helpers != null) {
            helpers.close();
        }
    }
}
