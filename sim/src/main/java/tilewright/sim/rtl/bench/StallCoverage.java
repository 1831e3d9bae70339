package tilewright.sim.rtl.bench;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Counts which patterns of valid and ready a stream went through. */
public final class StallCoverage {
    private static final int LONG = 4;

    /** What can happen on a stream. */
    public enum Pattern {
        /** A word passes. */
        TRANSFER,
        /** A word passes at the clock after another. */
        BACK_TO_BACK,
        /** A word is offered and not taken. */
        WAIT_FOR_READY,
        /** A word is offered and not taken for at least 4 clocks. */
        LONG_WAIT_FOR_READY,
        /** The taker waits and nothing is offered. */
        WAIT_FOR_VALID,
        /** Neither side wants anything. */
        IDLE,
        /** A word is offered and taken at the clock at which both begin. */
        AT_ONCE
    }

    private final Map<Pattern, Long> counts = new EnumMap<>(Pattern.class);
    private boolean passedBefore;
    private boolean validBefore;
    private boolean readyBefore;
    private long waited;

    void observe(boolean valid, boolean ready) {
        if (valid && ready) {
            count(Pattern.TRANSFER);
            if (passedBefore) {
                count(Pattern.BACK_TO_BACK);
            }
            if (!validBefore && !readyBefore) {
                count(Pattern.AT_ONCE);
            }
        } else if (valid) {
            count(Pattern.WAIT_FOR_READY);
            if (++waited == LONG) {
                count(Pattern.LONG_WAIT_FOR_READY);
            }
        } else {
            count(ready ? Pattern.WAIT_FOR_VALID : Pattern.IDLE);
        }
        if (!valid || ready) {
            waited = 0;
        }
        passedBefore = valid && ready;
        validBefore = valid;
        readyBefore = ready;
    }

    private void count(Pattern pattern) {
        counts.merge(pattern, 1L, Long::sum);
    }

    /** How often a pattern was seen. */
    public long times(Pattern pattern) {
        return counts.getOrDefault(pattern, 0L);
    }

    /** The words that passed. */
    public long transfers() {
        return times(Pattern.TRANSFER);
    }

    /** The patterns that were not seen. */
    public Set<Pattern> missing() {
        Set<Pattern> all = EnumSet.allOf(Pattern.class);
        all.removeAll(counts.keySet());
        return all;
    }

    /** The counts in one line. */
    @Override
    public String toString() {
        return counts.toString();
    }
}
