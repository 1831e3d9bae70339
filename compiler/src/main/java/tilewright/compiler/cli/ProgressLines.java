package tilewright.compiler.cli;

import java.io.PrintStream;
import java.util.function.LongSupplier;

/** Progress where there is no terminal: a line at the end of each piece of work, and one per quarter of long ones. */
final class ProgressLines implements ProgressDisplay {
    private static final int PARTS = 4;
    private static final long LONG_NANOS = 2_000_000_000L;

    private final PrintStream err;
    private final LongSupplier clock;
    private String current;
    private long part;
    private long printed;

    ProgressLines(PrintStream err) {
        this(err, System::nanoTime);
    }

    /** With a clock in nanoseconds. */
    ProgressLines(PrintStream err, LongSupplier clock) {
        this.err = err;
        this.clock = clock;
    }

    @Override
    public synchronized void update(String what, long done, long total) {
        if (!what.equals(current)) {
            current = what;
            part = 0;
            printed = clock.getAsLong();
        }
        long reached = done * PARTS / Math.max(1, total);
        boolean finished = done >= total;
        if (finished || reached > part && clock.getAsLong() - printed >= LONG_NANOS) {
            part = reached;
            printed = clock.getAsLong();
            err.println(what + ": " + done + " of " + total);
        }
        if (finished) {
            end();
        }
    }

    @Override
    public synchronized void end() {
        current = null;
    }
}
