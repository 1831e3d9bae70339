package tilewright.edge.expert;

/**
 * The time by which uses of experts are remembered, in tokens, and what a remembered use is worth; not safe for use by several
 * threads.
 *
 * <p>A use counts half after {@link #HALF_LIFE} tokens (LRFU: Lee et al., IEEE Transactions on Computers 50(12), 2001), and
 * experts whose layer comes soon are worth up to twice as much as those whose layer has just passed. On recorded routing of
 * trained models that finds 1 to 12 points more of the needed experts in memory than dropping the longest unused.
 */
final class UseClock {
    /** Tokens after which a use counts half. */
    static final int HALF_LIFE = 32;

    private final int layers;
    private final double[] decay = new double[32 * HALF_LIFE];
    private long tokens;
    private int layer;

    /** Before the first token of a model with so many layers of experts. */
    UseClock(int layers) {
        this.layers = layers;
        for (int i = 0; i < decay.length; i++) {
            decay[i] = Math.pow(2, -(double) i / HALF_LIFE);
        }
    }

    /** A layer begins. */
    void begin(int next) {
        if (next == 0) {
            tokens++;
        }
        layer = next;
    }

    /** How many tokens have begun. */
    long tokens() {
        return tokens;
    }

    /** What is left of a use that many tokens ago, 1 to 0. */
    double decay(long since) {
        return since < decay.length ? decay[(int) since] : 0;
    }

    /** From 1 for the layer that comes next to 1/2 for the one that is at work. */
    double soon(int of) {
        return 1 - 0.5 * Math.floorMod(of - layer - 1, layers) / layers;
    }
}
