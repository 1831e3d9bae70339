package tilewright.edge.expert;

/**
 * What one expert on demand has been used for so far.
 *
 * @param layer its layer among the model's layers of experts, from 0
 * @param expert its number in that layer
 * @param uses products for which it was needed
 * @param hits those of them that found it in memory, guesses not counted
 * @param reads how often it was read from storage, wrong guesses included
 * @param readBytes bytes of these reads
 * @param present whether it is in memory now
 */
public record ExpertUse(int layer, int expert, long uses, long hits, long reads, long readBytes, boolean present) {
    /** What came after an earlier reading of the same expert. */
    public ExpertUse since(ExpertUse earlier) {
        return new ExpertUse(
                layer,
                expert,
                uses - earlier.uses,
                hits - earlier.hits,
                reads - earlier.reads,
                readBytes - earlier.readBytes,
                present);
    }

    /** This and what another part of the run used the same expert for; where it is now, is what the later one says. */
    public ExpertUse plus(ExpertUse later) {
        return new ExpertUse(
                layer,
                expert,
                uses + later.uses,
                hits + later.hits,
                reads + later.reads,
                readBytes + later.readBytes,
                later.present);
    }
}
