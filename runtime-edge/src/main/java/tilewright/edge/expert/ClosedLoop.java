package tilewright.edge.expert;

/**
 * Chooses the number of lanes and whether guesses are read, from what the last tokens have shown; not safe for use by several
 * threads.
 *
 * <p>Lanes climb towards the number at which storage gives most while it reads. Guesses pause when storage has no idle time
 * for them, or when too few of them were right, and are tried again later.
 */
final class ClosedLoop {
    /** Tokens between two decisions. */
    static final int WINDOW = 16;

    private static final int FIRST_LANES = ReadLanes.MOST;
    /** Rates closer than this are equal. */
    private static final double NOISE = 0.03;
    /** Less idle time of storage than this leaves guesses no place. */
    private static final double LEAST_IDLE = 0.05;
    /** Fewer right guesses than this cost more than they give. */
    private static final double LEAST_RIGHT = 0.4;

    private static final int PAUSE_WINDOWS = 8;

    private final boolean choosesLanes;
    private int lanes;
    private int direction = -1;
    private double lastRate;
    private int pause;

    /**
     * A loop.
     *
     * @param lanes fixed number of lanes, or 0 to choose it
     */
    ClosedLoop(int lanes) {
        this.choosesLanes = lanes == 0;
        this.lanes = lanes == 0 ? FIRST_LANES : lanes;
    }

    /** Lanes from now on. */
    int lanes() {
        return lanes;
    }

    /** Whether guesses are read from now on. */
    boolean guesses() {
        return pause == 0;
    }

    /**
     * Learns from a window.
     *
     * @param seconds how long it took
     * @param busySeconds how long storage was reading
     * @param bytes how much it read
     * @param guessedBytes how much of it was guessed
     * @param rightBytes how much of the guesses was needed
     */
    void window(double seconds, double busySeconds, long bytes, long guessedBytes, long rightBytes) {
        if (pause > 0) {
            pause--;
        } else if (guessedBytes > 0) {
            boolean busy = busySeconds > (1 - LEAST_IDLE) * seconds;
            boolean wrong = rightBytes < LEAST_RIGHT * guessedBytes;
            pause = busy || wrong ? PAUSE_WINDOWS : 0;
        }
        if (choosesLanes && busySeconds > 0 && bytes > 0) {
            double rate = bytes / busySeconds;
            if (rate < (1 - NOISE) * lastRate) {
                direction = -direction;
            }
            lastRate = rate;
            int next = lanes + direction;
            if (next < 1 || next > ReadLanes.MOST) {
                direction = -direction;
                next = lanes + direction;
            }
            lanes = next;
        }
    }
}
