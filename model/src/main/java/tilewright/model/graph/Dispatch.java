package tilewright.model.graph;

import java.util.List;

/**
 * Copies tokens into one queue per expert.
 *
 * <p>Operands: x [B,T,D], or [B,T,k*D] when {@code split}, ids [B,T,k]. Outputs: queue [routed,D] (grouped by expert, within an expert in token order),
 * offsets [experts+1] (expert e owns queue rows {@code offsets[e] .. offsets[e+1]-1}), slots [routed] (for each queue row its
 * index into the flattened [B,T,k] routing, so that its token is {@code slot / k}).
 *
 * @param experts number of queues; may exceed the experts that have weights (zero experts)
 * @param split whether each of a token's k experts gets its own slice of the token's row, in the router's order, instead of
 *     the whole row: the inverse of {@link Collect}
 */
public record Dispatch(int experts, boolean split) implements Op {
    /** Queues of whole tokens. */
    public Dispatch(int experts) {
        this(experts, false);
    }

    @Override
    public String mnemonic() {
        return "dispatch";
    }

    @Override
    public String attributes() {
        return "experts=" + experts + (split ? ", split=true" : "");
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x", "ids");
        Shape x = operands.match(0, "batch", "tokens", "hidden");
        Operands.atLeast("experts", experts, 1);
        operands.matchIndices(1, x.dim(0), x.dim(1), "top_k");
        Dim width = x.dim(2);
        if (split) {
            int topK = operands.fixed(1, 2);
            width = Dim.of(operands.matchGroups(0, topK).size(-1) / topK);
        }
        return List.of(Type.f32(Dim.ROUTED, width), Type.i32(Dim.of(experts + 1L)), Type.i32(Dim.ROUTED));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.get(0);
        double[] ids = inputs.get(1).data();
        int topK = inputs.get(1).dim(2);
        int hidden = split ? x.dim(2) / topK : x.dim(2);
        Tensor64 queue = Tensor64.zeros(ids.length, hidden);
        Tensor64 offsets = Tensor64.zeros(experts + 1);
        Tensor64 slots = Tensor64.zeros(ids.length);
        for (double id : ids) {
            offsets.data()[(int) id + 1]++;
        }
        int[] next = new int[experts];
        for (int e = 0; e < experts; e++) {
            next[e] = (int) offsets.data()[e];
            offsets.data()[e + 1] += offsets.data()[e];
        }
        for (int slot = 0; slot < ids.length; slot++) {
            int row = next[(int) ids[slot]]++;
            slots.data()[row] = slot;
            System.arraycopy(x.data(), (split ? slot : slot / topK) * hidden, queue.data(), row * hidden, hidden);
        }
        return List.of(queue, offsets, slots);
    }
}
