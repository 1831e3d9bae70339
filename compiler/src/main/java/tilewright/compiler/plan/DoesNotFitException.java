package tilewright.compiler.plan;

/** A program that no design of this kind can run on a board; the message is one line and names the way out. */
public final class DoesNotFitException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DoesNotFitException(String message) {
        super(message);
    }
}
