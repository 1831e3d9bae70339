package tilewright.edge.language;

import tilewright.model.graph.RelativeBias;

/** The biases of {@link RelativeBias} by head and distance, looked up once. */
final class RelativeBiases {
    private final int limit;
    /** Per head, for distances {@code -limit .. limit}; beyond, all are as at the limit. */
    private final float[][] byHead;

    /**
     * The biases of a table.
     *
     * @param table [buckets, heads]
     */
    RelativeBiases(RelativeBias settings, float[] table, int heads) {
        limit = settings.maxDistance();
        byHead = new float[heads][2 * limit + 1];
        for (int distance = -limit; distance <= limit; distance++) {
            int bucket = settings.bucket(limit, limit + (long) distance);
            for (int head = 0; head < heads; head++) {
                byHead[head][limit + distance] = table[bucket * heads + head];
            }
        }
    }

    /** Adds the biases of keys {@code distance + from .. distance + to - 1} from the query. */
    void add(int head, int distance, int from, int to, float[] scores, int at) {
        for (int i = from; i < to; i++) {
            scores[at + i] += byHead[head][limit + Math.clamp(distance + i, -limit, limit)];
        }
    }
}
