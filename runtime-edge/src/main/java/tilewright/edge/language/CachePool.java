package tilewright.edge.language;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Pages of all sequences' caches, off the heap, under one limit of bytes.
 *
 * <p>Pages given back are used again by the next that fits, and their memory goes back to the system when the limit leaves no
 * room for others, or with {@link #close}.
 */
final class CachePool implements AutoCloseable {
    private long limit;
    private final Map<PageShape, Deque<Page>> free = new HashMap<>();
    /** Every page that has memory. */
    private final Set<Page> pages = Collections.newSetFromMap(new IdentityHashMap<>());

    private long heldBytes;
    private long freeBytes;

    CachePool(long limit) {
        this.limit = limit;
    }

    /** Sets the limit anew; what is held stays. */
    synchronized void limit(long bytes) {
        limit = bytes;
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
            Page page = new Page(shape);
            pages.add(page);
            return page;
        } catch (OutOfMemoryError e) {
            discharge(shape.bytes());
            throw new CacheFullException("the caches hold " + heldBytes + " bytes and the system has no room for "
                    + shape.bytes() + " more; close sequences, or keep the cache in f16 or q8");
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
            freeUnused();
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

    private void freeUnused() {
        for (Deque<Page> unused : free.values()) {
            for (Page page : unused) {
                page.free();
                pages.remove(page);
            }
        }
        free.clear();
        heldBytes -= freeBytes;
        freeBytes = 0;
    }

    /** Bytes of all pages that have memory, in use or not. */
    synchronized long memoryBytes() {
        return pages.stream().mapToLong(page -> page.shape().bytes()).sum();
    }

    /** Frees every page, those in use too; what holds one cannot be used afterwards, but closed. */
    @Override
    public synchronized void close() {
        pages.forEach(Page::free);
        pages.clear();
    }
}
