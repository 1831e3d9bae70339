package tilewright.model.graph;

import java.util.List;

/**
 * Brings the experts' outputs back to their tokens: the sum over a token's experts, weighted by the router.
 *
 * <p>Operands: expert output [routed,D] in queue order, slots [routed] (from {@link Dispatch}), weights [B,T,k], or ids
 * [B,T,k] when not weighted. Output: [B,T,D]; the sum runs in the router's order, largest weight first.
 *
 * @param topK experts per token
 * @param weighted whether the outputs are multiplied by weights; if not, operand 2 is the router's ids
 */
public record Combine(int topK, boolean weighted) implements Op {
    /** The weighted sum. */
    public Combine(int topK) {
        this(topK, true);
    }

    @Override
    public String mnemonic() {
        return "combine";
    }

    @Override
    public String attributes() {
        return "top_k=" + topK + (weighted ? "" : ", weighted=false");
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "outputs", "slots", weighted ? "weights" : "ids");
        Shape outputs = operands.match(0, Dim.ROUTED, "hidden");
        operands.matchIndices(1, Dim.ROUTED);
        Shape weights = weighted
                ? operands.match(2, "batch", "tokens", topK)
                : operands.matchIndices(2, "batch", "tokens", topK);
        return List.of(new Type(weights.with(2, outputs.dim(1)), ElementType.F32));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 outputs = inputs.get(0);
        double[] slots = inputs.get(1).data();
        Tensor64 weights = inputs.get(2);
        int hidden = outputs.dim(1);
        int[] rows = new int[slots.length];
        for (int row = 0; row < slots.length; row++) {
            rows[(int) slots[row]] = row;
        }
        Tensor64 out = Tensor64.zeros(weights.dim(0), weights.dim(1), hidden);
        for (int slot = 0; slot < rows.length; slot++) {
            int to = slot / topK * hidden;
            int from = rows[slot] * hidden;
            double weight = weighted ? weights.data()[slot] : 1;
            for (int i = 0; i < hidden; i++) {
                out.data()[to + i] += weight * outputs.data()[from + i];
            }
        }
        return List.of(out);
    }
}
