package tilewright.edge.language;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** Pages of all sequences' caches under one limit of bytes; pages given back are used again. */
final class CachePool {
    private final long limit;
    private final Map<PageShape, Deque<Page>> free = new HashMap<>();
    private long heldBytes;
    private long freeBytes;

    CachePool(long limit) {
        this.limit = limit;
    }

    /** The bytes that pages and states in use hold. */
    synchronized long usedBytes() {
        return heldBytes - freeBytes;
    }

    /**
     * A page of zeros with one user.
     *
     * @throws CacheFullException when it does not fit
     */
    synchronized Page take(PageShape shape) {
        Deque<Page> fitting = free.get(shape);
        Page page = fitting == null ? null : fitting.poll();
        if (page == null) {
            charge(shape.bytes());
            page = allocate(shape);
        } else {
            freeBytes -= shape.bytes();
            page.clear();
        }
        page.users = 1;
        return page;
    }

    private Page allocate(PageShape shape) {
        try {
            return new Page(shape);
        } catch (OutOfMemoryError e) {
            discharge(shape.bytes());
            throw new CacheFullException("the caches hold " + heldBytes + " bytes and the Java heap of at most "
                    + Runtime.getRuntime().maxMemory() + " bytes has no room for " + shape.bytes()
                    + " more; close sequences, keep the cache in f16 or q8, or give Java more memory with -Xmx");
        }
    }

    /** Counts one more user of a page. */
    synchronized void share(Page page) {
        page.users++;
    }

    /** Whether another cache holds the page too. */
    synchronized boolean shared(Page page) {
        return page.users > 1;
    }

    /** Counts one user less. */
    synchronized void give(Page page) {
        if (--page.users == 0) {
            free.computeIfAbsent(page.shape(), _ -> new ArrayDeque<>()).push(page);
            freeBytes += page.shape().bytes();
        }
    }

    /**
     * Counts bytes that are kept outside of pages.
     *
     * @throws CacheFullException when they do not fit
     */
    synchronized void charge(long bytes) {
        if (heldBytes + bytes > limit) {
            heldBytes -= freeBytes;
            freeBytes = 0;
            free.clear();
        }
        if (heldBytes + bytes > limit) {
            throw new CacheFullException("the caches hold " + heldBytes + " of at most " + limit + " bytes and need "
                    + bytes + " more; close sequences, keep the cache in f16 or q8, or raise the limit");
        }
        heldBytes += bytes;
    }

    /** Takes back what {@link #charge} counted. */
    synchronized void discharge(long bytes) {
        heldBytes -= bytes;
    }
}
