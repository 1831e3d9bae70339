package tilewright.edge.expert;

import tilewright.edge.matrix.ExpertWeights;

/** One expert of one layer, in memory or not; guarded by the lock of the cache that it belongs to. */
final class CachedExpert implements SlotArena.Occupant {
    /** Where an expert is. */
    enum State {
        /** On storage only. */
        ABSENT,
        /** Needed, but there is no room yet. */
        WANTED,
        /** Being read. */
        LOADING,
        /** In memory. */
        READY
    }

    /** What a guess is worth before it turns out to be wrong: more than all that is not needed now. */
    private static final double GUESS_WORTH = Double.MAX_VALUE / 4;

    final int layer;
    final int expert;
    /** Bytes in memory. */
    final long bytes;
    /** Bytes on storage. */
    final long stored;

    State state = State.ABSENT;
    /** The level that is in memory, -1 for none. */
    int level = -1;

    boolean upgrading;
    SlotArena.Area area;
    ExpertWeights.Expert matrices;
    /** What brings it, or more of it, into memory. */
    PieceQueue.Load reading;
    /** Why the last read failed, for those who need it. */
    Throwable failure;
    /** Whether it was read, or is, because a guess said so, and nobody has needed it since. */
    boolean guess;
    /** Whether the read under way began before somebody asked, so that its failure is none of theirs. */
    boolean earlier;
    /** Whether it was hot before its latest use. */
    boolean hot;
    /** How many need it. */
    int pins;

    long uses;
    long hits;
    long reads;
    long readBytes;

    private final UseClock clock;
    private double heat;
    private long heatAt;

    /** An expert on storage. */
    CachedExpert(int layer, int expert, long bytes, long stored, UseClock clock) {
        this.layer = layer;
        this.expert = expert;
        this.bytes = bytes;
        this.stored = stored;
        this.clock = clock;
    }

    /** How often it was used lately: a use of this token counts 1. */
    double heat() {
        return heat * clock.decay(clock.tokens() - heatAt);
    }

    /** Says how often it was used lately. */
    void heated(double value) {
        heat = value;
        heatAt = clock.tokens();
    }

    /** Whether it is in memory, at any level. */
    boolean present() {
        return state == State.READY;
    }

    @Override
    public boolean evictable() {
        return pins == 0 && present();
    }

    @Override
    public double worth() {
        return guess ? GUESS_WORTH : heat() * clock.soon(layer);
    }

    @Override
    public void evicted() {
        forget();
    }

    /** It is on storage only. */
    void forget() {
        state = State.ABSENT;
        guess = false;
        area = null;
        matrices = null;
        level = -1;
    }
}
