package tilewright.model.graph;

import java.util.List;

/**
 * Brings the experts' outputs back to their tokens side by side, without adding them: attention experts (JetMoE) make one
 * group of query heads each.
 *
 * <p>Operands: expert output [routed,D] in queue order, slots [routed] (from {@link Dispatch}), ids [B,T,k]. Output: [B,T,k*D], experts in
 * the router's order.
 *
 * @param topK experts per token
 */
public record Collect(int topK) implements Op {
    @Override
    public String mnemonic() {
        return "collect";
    }

    @Override
    public String attributes() {
        return "top_k=" + topK;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "outputs", "slots", "ids");
        operands.match(0, Dim.ROUTED, "hidden");
        operands.matchIndices(1, Dim.ROUTED);
        Shape ids = operands.matchIndices(2, "batch", "tokens", topK);
        return List.of(new Type(ids.with(2, Dim.of((long) topK * operands.fixed(0, 1))), ElementType.F32));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 outputs = inputs.get(0);
        double[] slots = inputs.get(1).data();
        int hidden = outputs.dim(1);
        Tensor64 out = Tensor64.zeros(inputs.get(2).dim(0), inputs.get(2).dim(1), topK * hidden);
        for (int row = 0; row < slots.length; row++) {
            System.arraycopy(outputs.data(), row * hidden, out.data(), (int) slots[row] * hidden, hidden);
        }
        return List.of(out);
    }
}
