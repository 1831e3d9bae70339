package tilewright.compiler.profile;

import tilewright.compiler.Progress;

/** Saves what a run has found from time to time, but not so often that this takes long beside the work, and tells how far it is. */
final class Checkpoints {
    /** How many times as long as a save the work between two of them lasts at least. */
    private static final int SAVING_SHARE = 10;

    private final long interval;
    private final Progress progress;
    private Runnable also = () -> {};
    private long lastSave = System.nanoTime();
    private long saving;

    /** Saves no more often than every so many seconds. */
    Checkpoints(int seconds, Progress progress) {
        this.interval = seconds * 1_000_000_000L;
        this.progress = progress;
    }

    /** Lets something else be done each time that a part is done. */
    void also(Runnable each) {
        also = each;
    }

    /** Saves a state if it is time to, or whatever the time is. */
    void save(State what, boolean now) {
        long since = System.nanoTime() - lastSave;
        if (now || since >= Math.max(interval, SAVING_SHARE * saving)) {
            long begin = System.nanoTime();
            what.save();
            lastSave = System.nanoTime();
            saving = lastSave - begin;
        }
    }

    /** Does that other thing now, within a part. */
    void tidy() {
        also.run();
    }

    /** A part of a piece of work is done: saves if it is time to or the piece is finished, and tells. */
    void done(State what, String phase, double part, long all) {
        also.run();
        save(what, part == all);
        progress.update(phase, (long) part, all);
    }
}
