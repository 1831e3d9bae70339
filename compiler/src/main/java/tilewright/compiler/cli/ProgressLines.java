package tilewright.compiler.cli;

import java.io.PrintStream;

/** Progress where there is no terminal: a line per quarter of the work. */
final class ProgressLines implements ProgressDisplay {
    private static final int PARTS = 4;

    private final PrintStream err;
    private String current;
    private long part;

    ProgressLines(PrintStream err) {
        this.err = err;
    }

    @Override
    public synchronized void update(String what, long done, long total) {
        if (!what.equals(current)) {
            current = what;
            part = 0;
        }
        long reached = done * PARTS / Math.max(1, total);
        if (reached > part) {
            part = reached;
            err.println(what + ": " + done + " of " + total);
        }
        if (done >= total) {
            end();
        }
    }

    @Override
    public synchronized void end() {
        current = null;
    }
}
