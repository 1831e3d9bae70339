package tilewright.boards;

/** A name that no bundled board has, and no file either; the message lists those that exist, the nearest first. */
public final class UnknownBoardException extends InvalidBoardException {
    private static final long serialVersionUID = 1L;

    UnknownBoardException(String message) {
        super(message);
    }
}
