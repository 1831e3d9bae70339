package tilewright.compiler;

/** What the compiler cannot do for a model, a board or an option; the message is one line and names the way out. */
public final class CompileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With a message for the user. */
    public CompileException(String message) {
        super(message);
    }
}
