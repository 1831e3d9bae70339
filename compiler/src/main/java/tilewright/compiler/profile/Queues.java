package tilewright.compiler.profile;

import tilewright.edge.Tensor;

/**
 * The rows of one step by expert, made again from what the router chose.
 *
 * @param count rows of all experts together, those that are copied through not included
 * @param width elements of a row
 * @param offsets expert e has the rows {@code offsets[e] .. offsets[e + 1] - 1}
 * @param slots token times topK plus choice of each row
 * @param rows inputs of the experts [count, width]
 * @param routing each row's routing weight
 * @param weights by what each row's output is multiplied: the routing weight, or 1 where it was applied before the experts
 */
record Queues(int count, int width, int[] offsets, int[] slots, float[] rows, float[] routing, float[] weights) {
    /** Groups a step's tokens as the engine does: by expert, then in token order. */
    static Queues of(RoutedLayer layer, Tensor tokens, Tensor ids, Tensor routing) {
        int experts = layer.experts().experts();
        int topK = layer.topK();
        int slots = ids.data().length;
        int width = layer.split() ? tokens.dim(1) / topK : tokens.dim(1);
        int[] offsets = new int[experts + 1];
        for (float id : ids.data()) {
            if (id < experts) {
                offsets[(int) id + 1]++;
            }
        }
        for (int e = 0; e < experts; e++) {
            offsets[e + 1] += offsets[e];
        }
        int count = offsets[experts];
        int[] next = offsets.clone();
        int[] slotOf = new int[count];
        float[] rows = new float[Math.multiplyExact(count, width)];
        float[] routed = new float[count];
        float[] weights = new float[count];
        for (int slot = 0; slot < slots; slot++) {
            int expert = (int) ids.data()[slot];
            if (expert >= experts) {
                continue;
            }
            int row = next[expert]++;
            float weight = routing.data()[slot];
            int from = slot / topK * tokens.dim(1) + (layer.split() ? slot % topK * width : 0);
            slotOf[row] = slot;
            routed[row] = weight;
            weights[row] = layer.weighted() ? weight : 1;
            System.arraycopy(tokens.data(), from, rows, row * width, width);
            for (int i = row * width; layer.scaled() && i < (row + 1) * width; i++) {
                rows[i] *= weight;
            }
        }
        return new Queues(count, width, offsets, slotOf, rows, routed, weights);
    }
}
