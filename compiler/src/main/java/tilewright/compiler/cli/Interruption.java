package tilewright.compiler.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets work end cleanly on Ctrl-C: it is asked to stop, and the JVM waits until it has printed what belongs to it.
 *
 * <p>The process ends with the status that the JVM gives an interrupt (130), whatever the command returns.
 */
final class Interruption implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 5;

    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook;
    private volatile boolean asked;

    /** Begins the work that an interrupt waits for. */
    Interruption() {
        hook = new Thread(this::askAndWait, "interruption");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Whether the work should end. */
    boolean asked() {
        return asked;
    }

    private void askAndWait() {
        asked = true;
        try {
            // The bound is for work that hangs: an interrupt always ends the process.
            done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the work. */
    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending already, and has just been told that the work is done.
        }
    }
}
