package tilewright.model.graph;

/**
 * The relative position buckets of T5 (Raffel et al. 2020, arXiv 1910.10683): exact for near keys, logarithmic for far ones.
 *
 * @param buckets rows of the bias table
 * @param maxDistance distance from which on all keys share the last bucket
 * @param bidirectional whether keys after the query have the second half of the buckets
 */
public record RelativeBias(int buckets, int maxDistance, boolean bidirectional) {
    /** The bucket of a key; logarithms in float32, as the models were trained. */
    public int bucket(long query, long key) {
        int count = bidirectional ? buckets / 2 : buckets;
        int first = bidirectional && key > query ? count : 0;
        long distance = bidirectional ? Math.abs(query - key) : Math.max(query - key, 0);
        int exact = count / 2;
        if (distance < exact) {
            return first + (int) distance;
        }
        float octaves = (float) Math.log((float) distance / exact) / (float) Math.log((double) maxDistance / exact);
        return first + Math.min(count - 1, exact + (int) (octaves * (count - exact)));
    }

    void checkSettings() {
        int exact = (bidirectional ? buckets / 2 : buckets) / 2;
        if (exact < 1 || maxDistance <= exact) {
            throw new InvalidGraphException("has " + buckets + " relative buckets to distance " + maxDistance
                    + ", expected at least " + (bidirectional ? 4 : 2) + " and a distance above " + exact);
        }
    }

    @Override
    public String toString() {
        return buckets + " buckets to " + maxDistance + (bidirectional ? " both ways" : "");
    }
}
