package tilewright.compiler.cli;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress on a terminal: a bar per kind of work, with the time left. */
final class ProgressBars implements ProgressDisplay {
    private static final int COLUMNS = 78;

    private final PrintStream err;
    private String current;
    private ProgressBar bar;

    ProgressBars(PrintStream err) {
        this.err = err;
    }

    @Override
    public synchronized void update(String what, long done, long total) {
        if (!what.equals(current)) {
            end();
            current = what;
            bar = new ProgressBarBuilder()
                    .setTaskName(what)
                    .setInitialMax(total)
                    .setStyle(
                            err.charset().newEncoder().canEncode('█')
                                    ? ProgressBarStyle.COLORFUL_UNICODE_BLOCK
                                    : ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(100)
                    .setConsumer(new ConsoleProgressBarConsumer(err, COLUMNS))
                    .build();
        }
        bar.maxHint(total);
        bar.stepTo(done);
        if (done >= total) {
            end();
        }
    }

    @Override
    public synchronized void end() {
        current = null;
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
