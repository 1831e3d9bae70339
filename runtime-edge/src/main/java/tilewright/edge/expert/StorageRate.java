package tilewright.edge.expert;

/**
 * How fast storage gives experts, bytes per second; 0 where that could not be measured.
 *
 * @param atRest with nothing else at work
 * @param besideComputing while a thread reads memory as fast as it can, as computing does: both want the memory's bandwidth, and the
 *     host's processors
 */
public record StorageRate(double atRest, double besideComputing) {
    /** Not measured. */
    public static final StorageRate UNKNOWN = new StorageRate(0, 0);

    /** The better of both figures each: what storage was seen to do is what it can. */
    public StorageRate best(StorageRate other) {
        return new StorageRate(Math.max(atRest, other.atRest), Math.max(besideComputing, other.besideComputing));
    }

    /** With a rate that a run reached, beside its own computing. */
    public StorageRate reached(double bytesPerSecond) {
        return best(new StorageRate(bytesPerSecond, bytesPerSecond));
    }
}
