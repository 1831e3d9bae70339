package tilewright.edge.language;

/**
 * One text that a model reads and continues: its position, caches and states.
 *
 * <p>Belongs to the engine that made it, and is used by one thread at a time.
 */
public abstract class Sequence implements AutoCloseable {
    Sequence() {}

    /** The number of tokens seen. */
    public abstract int position();

    /** The bytes that its caches hold; pages shared with a fork count for each. */
    public abstract long cacheBytes();

    /**
     * A second sequence with the same past.
     *
     * <p>Full pages of the caches are shared; states and the last page are copied.
     *
     * @throws CacheFullException when the copied pages do not fit
     */
    public abstract Sequence fork();

    /**
     * Forgets all but the first {@code tokens} tokens.
     *
     * @param tokens 0 to {@link #position()}
     * @throws IllegalStateException when the model keeps a state that cannot go back (a convolution's or recurrence's), or a
     *     sliding window has dropped pages that would be needed again, unless {@code tokens} is 0 or the position
     */
    public abstract void truncate(int tokens);

    /** Gives the caches back to the engine; the sequence cannot be used afterwards. */
    @Override
    public abstract void close();
}
