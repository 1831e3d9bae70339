package tilewright.edge.language;

/**
 * One text that a model reads and continues: its position, caches and states.
 *
 * <p>Belongs to the engine that made it. Its methods and the engine's steps exclude each other.
 */
public final class Sequence implements AutoCloseable {
    private final LanguageEngine engine;
    private final SequenceState state;
    private int position;

    Sequence(LanguageEngine engine, SequenceState state, int position) {
        this.engine = engine;
        this.state = state;
        this.position = position;
    }

    LanguageEngine engine() {
        return engine;
    }

    SequenceState state() {
        return state;
    }

    /** The number of tokens seen. */
    public int position() {
        return position;
    }

    void advance(int tokens) {
        position += tokens;
    }

    /** The bytes that its caches and states hold; pages shared with a fork count for each. */
    public long cacheBytes() {
        synchronized (engine) {
            return state.bytes();
        }
    }

    /**
     * A second sequence with the same past.
     *
     * <p>Pages of the caches are shared until one of both writes into them; states are copied.
     *
     * @throws CacheFullException when the copied states do not fit
     * @throws IllegalStateException when the sequence is closed
     */
    public Sequence fork() {
        synchronized (engine) {
            return new Sequence(engine, state.fork(), position);
        }
    }

    /**
     * Forgets all but the first {@code tokens} tokens.
     *
     * @param tokens 0 to {@link #position()}
     * @throws IllegalStateException when the model keeps a state that cannot go back (a convolution's or recurrence's), or a
     *     sliding window has dropped pages that would be needed again, unless {@code tokens} is 0 or the position
     */
    public void truncate(int tokens) {
        synchronized (engine) {
            state.requireOpen();
            if (tokens < 0 || tokens > position) {
                throw new IllegalArgumentException("cannot keep " + tokens + " tokens of a sequence of " + position
                        + ", expected 0 to " + position);
            }
            if (tokens < position) {
                engine.truncate(state, tokens);
                position = tokens;
            }
        }
    }

    /** Gives the caches back to the engine; the sequence cannot be used afterwards. */
    @Override
    public void close() {
        synchronized (engine) {
            state.close();
        }
    }
}
