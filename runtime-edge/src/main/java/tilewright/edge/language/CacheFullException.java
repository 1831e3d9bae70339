package tilewright.edge.language;

/** The caches' byte limit is reached; the message names the limit, what is held and the way out. */
public final class CacheFullException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    CacheFullException(String message) {
        super(message);
    }
}
