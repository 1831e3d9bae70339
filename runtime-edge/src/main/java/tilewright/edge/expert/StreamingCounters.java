package tilewright.edge.expert;

/**
 * What experts on demand have cost so far.
 *
 * @param steps products of a layer's experts
 * @param routedBytes bytes of the experts that were needed
 * @param hitBytes those of them that were in memory when they were needed, guesses not counted
 * @param guessedBytes those that a guess had brought into memory
 * @param readBytes bytes read from storage, wrong guesses included
 * @param readNanos time in which storage was reading
 * @param stallNanos time in which computation waited for storage
 * @param uses rows that experts were chosen for
 * @param lowerUses those of them that experts computed at their lower width
 * @param leftOutUses those of them for which the expert was left out
 */
public record StreamingCounters(
        long steps,
        long routedBytes,
        long hitBytes,
        long guessedBytes,
        long readBytes,
        long readNanos,
        long stallNanos,
        long uses,
        long lowerUses,
        long leftOutUses) {
    /** What came after an earlier reading. */
    public StreamingCounters since(StreamingCounters earlier) {
        return new StreamingCounters(
                steps - earlier.steps,
                routedBytes - earlier.routedBytes,
                hitBytes - earlier.hitBytes,
                guessedBytes - earlier.guessedBytes,
                readBytes - earlier.readBytes,
                readNanos - earlier.readNanos,
                stallNanos - earlier.stallNanos,
                uses - earlier.uses,
                lowerUses - earlier.lowerUses,
                leftOutUses - earlier.leftOutUses);
    }

    /** The sum with another part of the run. */
    public StreamingCounters plus(StreamingCounters other) {
        return new StreamingCounters(
                steps + other.steps,
                routedBytes + other.routedBytes,
                hitBytes + other.hitBytes,
                guessedBytes + other.guessedBytes,
                readBytes + other.readBytes,
                readNanos + other.readNanos,
                stallNanos + other.stallNanos,
                uses + other.uses,
                lowerUses + other.lowerUses,
                leftOutUses + other.leftOutUses);
    }
}
