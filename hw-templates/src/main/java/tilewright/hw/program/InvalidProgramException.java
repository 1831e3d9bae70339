package tilewright.hw.program;

/** A damaged program file; the message is one line. */
public final class InvalidProgramException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With a message for the user. */
    public InvalidProgramException(String message, Throwable cause) {
        super(message, cause);
    }
}
