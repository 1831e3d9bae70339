package tilewright.model.graph;

import java.util.List;

/**
 * Multiplies each row of the experts' queues by its routing weight, before the experts instead of after them (Llama 4).
 *
 * <p>Operands: queue [routed,D], slots [routed] (from {@link Dispatch}), weights [B,T,k]. Output: [routed,D].
 *
 * @param topK experts per token
 */
public record ScaleQueue(int topK) implements Op {
    @Override
    public String mnemonic() {
        return "scale_queue";
    }

    @Override
    public String attributes() {
        return "top_k=" + topK;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "queue", "slots", "weights");
        operands.match(0, Dim.ROUTED, "hidden");
        operands.matchIndices(1, Dim.ROUTED);
        operands.match(2, "batch", "tokens", topK);
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 queue = inputs.get(0);
        double[] slots = inputs.get(1).data();
        double[] weights = inputs.get(2).data();
        double[] out = new double[queue.data().length];
        for (int i = 0; i < out.length; i++) {
            out[i] = queue.data()[i] * weights[(int) slots[i / queue.dim(1)]];
        }
        return List.of(new Tensor64(queue.dims(), out));
    }
}
