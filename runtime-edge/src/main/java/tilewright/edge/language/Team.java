package tilewright.edge.language;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import tilewright.edge.matrix.KernelScratch;
import tilewright.edge.matrix.Parallel;
import tilewright.model.InvalidInputException;

/**
 * A fixed number of threads that share the items of one loop after another; waiting threads are parked.
 *
 * <p>Made for many short loops: a loop allocates nothing, begins with one word that helpers enter by compare-and-set, and ends
 * when the last of those who entered has left; a helper that wakes too late finds it closed and nobody has waited for it. Loops
 * of little work stay with the caller. Which thread computes an item is left to chance, so an item's result may depend on
 * nothing but the item. One loop at a time.
 */
final class Team implements Parallel, AutoCloseable {
    /** Work that a waking helper would come too late for: about 20 microseconds of elementary operations. */
    private static final long WORTH_SHARING = 1 << 16;

    private static final long OPEN = 1L << 31;
    private static final long INSIDE = OPEN - 1;
    private static final int GENERATION_SHIFT = 32;

    private final Scratch[] scratches;
    private final Thread[] helpers;
    /** Generation of the loop, whether helpers may enter, and how many are inside. */
    private final AtomicLong control = new AtomicLong();

    private final AtomicInteger next = new AtomicInteger();
    private int generation;
    private int items;
    private Loop loop;
    private Work work;
    private Thread caller;
    private volatile Throwable failure;
    private volatile boolean closed;

    /** Work on one item. */
    @FunctionalInterface
    interface Loop {
        /** Computes one item with this thread's scratch. */
        void run(int item, Scratch scratch);
    }

    /** Work on the items {@code from .. to-1}. */
    @FunctionalInterface
    interface RangeLoop {
        /** Computes a range of items with this thread's scratch. */
        void run(int from, int to, Scratch scratch);
    }

    /**
     * A team of this many threads, the caller's included.
     *
     * @param threads at least 1
     */
    Team(int threads) {
        scratches = new Scratch[threads];
        helpers = new Thread[threads - 1];
        for (int i = 0; i < threads; i++) {
            scratches[i] = new Scratch();
        }
        for (int i = 0; i < helpers.length; i++) {
            Scratch scratch = scratches[i + 1];
            helpers[i] = Thread.ofPlatform()
                    .daemon()
                    .name("language-engine-" + (i + 1))
                    .start(() -> help(scratch));
        }
    }

    @Override
    public int threads() {
        return scratches.length;
    }

    @Override
    public void forEach(int count, Work kernelWork) {
        if (alone(count, Long.MAX_VALUE)) {
            KernelScratch scratch = scratches[0].kernel();
            for (int item = 0; item < count; item++) {
                kernelWork.run(item, scratch);
            }
        } else {
            share(count, null, kernelWork);
        }
    }

    /**
     * Runs a loop over the items {@code 0 .. count-1} in any order and returns when all are done.
     *
     * @param cost elementary operations of all items together, roughly
     */
    void each(int count, long cost, Loop body) {
        if (alone(count, cost)) {
            for (int item = 0; item < count; item++) {
                body.run(item, scratches[0]);
            }
        } else {
            share(count, body, null);
        }
    }

    /** As {@link #each} over ranges of rows, a few for each thread. */
    void ranges(int rows, long cost, RangeLoop body) {
        if (alone(rows, cost)) {
            body.run(0, rows, scratches[0]);
            return;
        }
        int block = Math.ceilDiv(rows, 4 * threads());
        share(
                Math.ceilDiv(rows, block),
                (item, scratch) -> body.run(item * block, Math.min(rows, (item + 1) * block), scratch),
                null);
    }

    private boolean alone(int count, long cost) {
        return helpers.length == 0 || count < 2 || cost < WORTH_SHARING;
    }

    private void share(int count, Loop body, Work kernelWork) {
        items = count;
        loop = body;
        work = kernelWork;
        caller = Thread.currentThread();
        next.set(0);
        generation++;
        control.set((long) generation << GENERATION_SHIFT | OPEN);
        int wanted = Math.min(count - 1, helpers.length);
        for (int i = 0; i < wanted; i++) {
            LockSupport.unpark(helpers[i]);
        }
        RuntimeException own = null;
        try {
            take(scratches[0]);
        } catch (RuntimeException e) {
            next.set(items);
            own = e;
        } catch (Error e) {
            next.set(items);
            leave();
            failure = null;
            throw e;
        }
        leave();
        // Both the caller and helpers may have failed; nothing of it may be left for the next loop.
        Throwable theirs = failure;
        failure = null;
        if (own != null) {
            throw own;
        }
        if (theirs instanceof InvalidInputException known) {
            throw known;
        }
        if (theirs != null) {
            throw new IllegalStateException("a worker failed: " + theirs, theirs);
        }
    }

    /** Closes the loop and waits for those inside: nobody may still use its operands when the next one begins. */
    private void leave() {
        long now = control.get();
        while (!control.compareAndSet(now, now & ~OPEN)) {
            now = control.get();
        }
        boolean interrupted = false;
        while ((control.get() & INSIDE) > 0) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        loop = null;
        work = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void take(Scratch scratch) {
        int count = items;
        Loop body = loop;
        if (body != null) {
            for (int item = next.getAndIncrement(); item < count; item = next.getAndIncrement()) {
                body.run(item, scratch);
            }
        } else {
            Work kernelWork = work;
            for (int item = next.getAndIncrement(); item < count; item = next.getAndIncrement()) {
                kernelWork.run(item, scratch.kernel());
            }
        }
    }

    private void help(Scratch scratch) {
        long entered = 0;
        while (!closed) {
            long now = control.get();
            if ((now & OPEN) == 0 || now >> GENERATION_SHIFT == entered) {
                LockSupport.park(this);
            } else if (control.compareAndSet(now, now + 1)) {
                entered = now >> GENERATION_SHIFT;
                try {
                    take(scratch);
                } catch (RuntimeException | Error e) {
                    next.set(items);
                    failure = e;
                }
                Thread waiting = caller;
                long left = control.decrementAndGet();
                if ((left & (OPEN | INSIDE)) == 0) {
                    LockSupport.unpark(waiting);
                }
            }
        }
    }

    /** Ends the helpers. */
    @Override
    public void close() {
        closed = true;
        for (Thread helper : helpers) {
            LockSupport.unpark(helper);
        }
    }
}
