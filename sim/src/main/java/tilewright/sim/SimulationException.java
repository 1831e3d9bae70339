package tilewright.sim;

/** A simulation that could not be built or run; the message is one line that names the thing, the place and the way out. */
public final class SimulationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** An exception with a one-line message. */
    public SimulationException(String message) {
        super(message);
    }

    /** An exception with a one-line message and what it came from. */
    public SimulationException(String message, Throwable cause) {
        super(message, cause);
    }
}
