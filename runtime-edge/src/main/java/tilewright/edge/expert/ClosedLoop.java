package tilewright.edge.expert;

/**
 * Chooses the number of lanes and whether guesses are read, from what the last tokens have shown; not safe for use by several
 * threads.
 *
 * <p>Lanes settle where the computation waits least for a needed byte; their neighbours are tried now and then. Guesses pause
 * when needed reads leave storage no idle time for them, and are tried again later.
 */
final class ClosedLoop {
    /** Tokens between two decisions. */
    static final int WINDOW = 8;

    /** What the newest window weighs in what is known of a number of lanes. */
    private static final double NEWEST = 0.3;
    /** Another number of lanes must wait so much less. */
    private static final double NOISE = 0.03;
    /** Every so many windows a neighbour is tried. */
    private static final int TRIED = 4;
    /** Windows in which every second one tries a neighbour. */
    private static final int FIRST_WINDOWS = 16;
    /** Less idle time of storage than this leaves guesses no place. */
    private static final double LEAST_IDLE = 0.03;

    private static final int PAUSE_WINDOWS = 16;

    private final boolean choosesLanes;
    /** Seconds waited for a needed byte by number of lanes; 0 for not yet known. */
    private final double[] cost = new double[ReadLanes.MOST + 1];

    private int best;
    private int lanes;
    private int direction = -1;
    private int windows;
    private int pause;

    /**
     * A loop.
     *
     * @param lanes fixed number of lanes, or 0 to choose it
     */
    ClosedLoop(int lanes) {
        this.choosesLanes = lanes == 0;
        this.best = lanes == 0 ? ReadLanes.MOST : lanes;
        this.lanes = best;
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
     * @param neededSeconds how long storage was reading what was needed
     * @param stallSeconds how long the computation waited for it
     * @param neededBytes how much was needed and not in memory
     */
    void window(double seconds, double neededSeconds, double stallSeconds, long neededBytes) {
        if (pause > 0) {
            pause--;
        } else if (neededSeconds > (1 - LEAST_IDLE) * seconds) {
            pause = PAUSE_WINDOWS;
        }
        if (choosesLanes && neededBytes > 0) {
            double now = stallSeconds / neededBytes;
            cost[lanes] = cost[lanes] == 0 ? now : cost[lanes] + NEWEST * (now - cost[lanes]);
            choose();
        }
    }

    private void choose() {
        int before = best;
        for (int other = 1; other <= ReadLanes.MOST; other++) {
            if (cost[other] > 0 && cost[other] < (1 - NOISE) * cost[best]) {
                best = other;
            }
        }
        // On in the direction that was good, else there and back.
        direction = best == before ? direction : Integer.signum(best - before);
        lanes = best;
        if (++windows % (windows <= FIRST_WINDOWS ? 2 : TRIED) == 0) {
            int next = best + direction;
            if (next < 1 || next > ReadLanes.MOST) {
                next = best - direction;
            }
            direction = -direction;
            lanes = next;
        }
    }
}
