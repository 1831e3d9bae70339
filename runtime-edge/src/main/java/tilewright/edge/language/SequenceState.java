package tilewright.edge.language;

import java.util.Arrays;

/** What one sequence keeps between passes of a plan: keys and values per attention node, numbers per recurrent node. */
final class SequenceState {
    private final CachePool pool;
    private final AttentionCache[] caches;
    private final float[][] numbers;
    private boolean closed;

    private SequenceState(CachePool pool, AttentionCache[] caches, float[][] numbers) {
        this.pool = pool;
        this.caches = caches;
        this.numbers = numbers;
    }

    /**
     * The state of a sequence that has seen nothing.
     *
     * @param shapes of the caches' pages
     * @param lengths of the numbers kept
     * @throws CacheFullException when the numbers do not fit
     */
    static SequenceState empty(CachePool pool, PageShape[] shapes, int[] lengths) {
        AttentionCache[] caches = new AttentionCache[shapes.length];
        Arrays.setAll(caches, i -> new AttentionCache(pool, shapes[i]));
        pool.charge(bytes(lengths));
        float[][] numbers = new float[lengths.length][];
        Arrays.setAll(numbers, i -> new float[lengths[i]]);
        return new SequenceState(pool, caches, numbers);
    }

    private static long bytes(int[] lengths) {
        return Arrays.stream(lengths).mapToLong(length -> 4L * length).sum();
    }

    private int[] lengths() {
        return Arrays.stream(numbers).mapToInt(array -> array.length).toArray();
    }

    AttentionCache cache(int index) {
        return caches[index];
    }

    /** Takes the place of a cache that has been filled elsewhere. */
    void share(int index, AttentionCache cache) {
        caches[index].truncate(0);
        caches[index] = cache.fork();
    }

    float[] numbers(int index) {
        return numbers[index];
    }

    /** Whether there are numbers, which cannot go back. */
    boolean recurrent() {
        return numbers.length > 0;
    }

    /** A state with the same past. */
    SequenceState fork() {
        requireOpen();
        pool.charge(bytes(lengths()));
        AttentionCache[] forked = new AttentionCache[caches.length];
        Arrays.setAll(forked, i -> caches[i].fork());
        float[][] copies = new float[numbers.length][];
        Arrays.setAll(copies, i -> numbers[i].clone());
        return new SequenceState(pool, forked, copies);
    }

    /** Forgets everything but caches that do not grow, which {@code fixed} marks. */
    void reset(boolean[] fixed) {
        for (int i = 0; i < caches.length; i++) {
            if (!fixed[i]) {
                caches[i].truncate(0);
            }
        }
        for (float[] array : numbers) {
            Arrays.fill(array, 0);
        }
    }

    long bytes() {
        return bytes(lengths())
                + Arrays.stream(caches).mapToLong(AttentionCache::bytes).sum();
    }

    void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the sequence is closed");
        }
    }

    boolean closed() {
        return closed;
    }

    /** Gives everything back. */
    void close() {
        if (!closed) {
            closed = true;
            for (AttentionCache cache : caches) {
                cache.truncate(0);
            }
            pool.discharge(bytes(lengths()));
        }
    }
}
