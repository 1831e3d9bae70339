package tilewright.edge.matrix.nativecode;

/** Native code cannot be had on this machine; the message says why, in one line. */
public final class NativeCodeException extends Exception {
    private static final long serialVersionUID = 1;

    /** With the reason. */
    public NativeCodeException(String message) {
        super(message);
    }

    /** With the reason and what caused it. */
    public NativeCodeException(String message, Throwable cause) {
        super(message, cause);
    }
}
