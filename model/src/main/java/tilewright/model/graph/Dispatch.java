package tilewright.model.graph;

import java.util.List;

/**
 * Copies tokens into one queue per expert.
 *
 * <p>Operands: x [B,T,D], ids [B,T,k]. Outputs: queue [routed,D] (grouped by expert, within an expert in token order),
 * offsets [experts+1] (expert e owns queue rows {@code offsets[e] .. offsets[e+1]-1}), slots [routed] (for each queue row its
 * index into the flattened [B,T,k] routing, so that its token is {@code slot / k}).
 *
 * @param experts number of queues
 */
public record Dispatch(int experts) implements Op {
    @Override
    public String mnemonic() {
        return "dispatch";
    }

    @Override
    public String attributes() {
        return "experts=" + experts;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x", "ids");
        Shape x = operands.match(0, "batch", "tokens", "hidden");
        operands.matchIndices(1, x.dim(0), x.dim(1), "top_k");
        return List.of(Type.f32(Dim.ROUTED, x.dim(2)), Type.i32(Dim.of(experts + 1L)), Type.i32(Dim.ROUTED));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.get(0);
        double[] ids = inputs.get(1).data();
        int topK = inputs.get(1).dim(2);
        int hidden = x.dim(2);
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
            System.arraycopy(x.data(), slot / topK * hidden, queue.data(), row * hidden, hidden);
        }
        return List.of(queue, offsets, slots);
    }
}
