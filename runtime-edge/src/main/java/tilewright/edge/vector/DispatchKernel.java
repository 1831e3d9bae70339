package tilewright.edge.vector;

import java.util.List;
import tilewright.model.graph.InvalidGraphException;

/** {@link tilewright.model.graph.Dispatch}: counts, then copies each token to its place in the queue. */
record DispatchKernel(int experts) implements Kernel {
    /** Up to here float32 holds every whole number. */
    private static final int MAX_ROUTED = 1 << 24;

    @Override
    public List<Value> run(List<Operand> operands, Context context) {
        Operand x = operands.get(0);
        Operand ids = operands.get(1);
        int topK = ids.dim(2);
        int routed = ids.elements();
        if (routed > MAX_ROUTED) {
            throw new InvalidGraphException("routes " + routed
                    + " (token, expert) pairs in one batch, expected at most " + MAX_ROUTED + "; run smaller batches");
        }
        Value queue = context.make(routed, x.dim(2));
        Value offsets = context.make(experts + 1);
        Value slots = context.make(routed);
        int[] next = new int[experts + 1];
        for (int slot = 0; slot < routed; slot++) {
            next[expert(ids, slot, topK) + 1]++;
        }
        for (int e = 0; e < experts; e++) {
            next[e + 1] += next[e];
        }
        for (int e = 0; e <= experts; e++) {
            offsets.data()[e] = next[e];
        }
        for (int slot = 0; slot < routed; slot++) {
            slots.data()[next[expert(ids, slot, topK)]++] = slot;
        }
        context.workers().forBlocks(routed, ElementKernels.blockRows(x.dim(2)), (from, to, _) -> {
            for (int row = from; row < to; row++) {
                TokenKernels.copyRows(x, (int) slots.data()[row] / topK, queue, row, 1);
            }
        });
        return List.of(queue, offsets, slots);
    }

    private int expert(Operand ids, int slot, int topK) {
        float id = ids.data()[ids.row(slot / topK) + slot % topK];
        int expert = (int) id;
        if (expert != id || expert < 0 || expert >= experts) {
            throw new InvalidGraphException("reads expert id " + id + " in slot " + slot
                    + ", expected a whole number from 0 to " + (experts - 1));
        }
        return expert;
    }
}
