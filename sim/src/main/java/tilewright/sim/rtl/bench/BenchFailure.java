package tilewright.sim.rtl.bench;

/** A test bench that found a fault; the message says the design, the seed, the cycle and what was wrong. */
public final class BenchFailure extends AssertionError {
    private static final long serialVersionUID = 1L;

    /** A failure with a one-line message. */
    public BenchFailure(String message) {
        super(message);
    }

    /** A failure with a one-line message and what it came from. */
    public BenchFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
