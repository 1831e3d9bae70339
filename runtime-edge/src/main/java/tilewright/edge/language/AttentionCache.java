package tilewright.edge.language;

import java.util.Arrays;

/** One sequence's keys and values at one attention node: pages from the pool, in order of position. */
final class AttentionCache {
    private final CachePool pool;
    private final PageShape shape;
    /** By position over page size; null where dropped or not yet reserved. */
    private Page[] pages = new Page[4];

    private int tokens;
    /** Positions below it are dropped. */
    private int kept;

    AttentionCache(CachePool pool, PageShape shape) {
        this.pool = pool;
        this.shape = shape;
    }

    PageShape shape() {
        return shape;
    }

    /** The number of positions written, dropped ones included. */
    int tokens() {
        return tokens;
    }

    /** The page that holds positions from {@code number * shape.tokens()} on. */
    Page page(int number) {
        return pages[number];
    }

    /**
     * Makes room for {@code count} more tokens; pages shared with another cache that will be written are copied.
     *
     * @throws CacheFullException when it does not fit; what was reserved stays
     */
    void reserve(int count) {
        int first = tokens / shape.tokens();
        int last = (tokens + count - 1) / shape.tokens();
        if (last >= pages.length) {
            pages = Arrays.copyOf(pages, Math.max(last + 1, 2 * pages.length));
        }
        for (int number = first; number <= last; number++) {
            Page page = pages[number];
            if (page == null) {
                pages[number] = pool.take(shape);
            } else if (pool.shared(page)) {
                Page own = pool.take(shape);
                own.copy(page);
                pool.give(page);
                pages[number] = own;
            }
        }
    }

    /**
     * Writes one head's keys and values of new tokens, after {@link #reserve}; {@link #advance} then counts them.
     *
     * @param keys from {@code keyAt} on, tokens {@code keyStride} apart
     * @param values likewise
     */
    void write(
            int head, int count, float[] keys, int keyAt, int keyStride, float[] values, int valueAt, int valueStride) {
        for (int done = 0; done < count; ) {
            int position = tokens + done;
            int place = position % shape.tokens();
            int here = Math.min(count - done, shape.tokens() - place);
            Page page = pages[position / shape.tokens()];
            page.writeKeys(head, place, here, keys, keyAt + done * keyStride, keyStride);
            page.writeValues(head, place, here, values, valueAt + done * valueStride, valueStride);
            done += here;
        }
    }

    /** Counts tokens whose keys and values are written for all heads. */
    void advance(int count) {
        tokens += count;
    }

    /** Gives back pages whose positions are all below {@code position}. */
    void dropBefore(int position) {
        int from = kept / shape.tokens();
        int to = Math.min(position, tokens) / shape.tokens();
        for (int number = from; number < to; number++) {
            giveBack(number);
        }
        kept = Math.max(kept, to * shape.tokens());
    }

    /** The first position that is still there. */
    int kept() {
        return kept;
    }

    /** Forgets positions from {@code count} on. */
    void truncate(int count) {
        for (int number = Math.ceilDiv(count, shape.tokens()); number < pages.length; number++) {
            giveBack(number);
        }
        tokens = count;
        kept = Math.min(kept, count);
    }

    private void giveBack(int number) {
        if (number < pages.length && pages[number] != null) {
            pool.give(pages[number]);
            pages[number] = null;
        }
    }

    /** A cache with the same past, sharing the pages. */
    AttentionCache fork() {
        AttentionCache fork = new AttentionCache(pool, shape);
        fork.pages = pages.clone();
        fork.tokens = tokens;
        fork.kept = kept;
        for (Page page : pages) {
            if (page != null) {
                pool.share(page);
            }
        }
        return fork;
    }

    /** The bytes of its pages. */
    long bytes() {
        return shape.bytes() * Arrays.stream(pages).filter(page -> page != null).count();
    }
}
