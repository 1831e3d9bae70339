package tilewright.edge.expert;

/**
 * How experts are streamed; start from {@link #defaults()}.
 *
 * @param lanes threads that read, 1 to 8; 0 lets measured bandwidth choose
 * @param prefetch whether experts that the next layer will probably need are read while storage is idle
 */
public record StreamingOptions(int lanes, boolean prefetch) {
    /** Checks the ranges. */
    public StreamingOptions {
        if (lanes < 0 || lanes > ReadLanes.MOST) {
            throw new IllegalArgumentException("lanes is " + lanes + ", expected 0 to " + ReadLanes.MOST);
        }
    }

    /** As many lanes as are of use, with prefetch. */
    public static StreamingOptions defaults() {
        return new StreamingOptions(0, true);
    }

    /** These options with this number of lanes. */
    public StreamingOptions withLanes(int value) {
        return new StreamingOptions(value, prefetch);
    }

    /** These options with or without prefetch. */
    public StreamingOptions withPrefetch(boolean value) {
        return new StreamingOptions(lanes, value);
    }
}
