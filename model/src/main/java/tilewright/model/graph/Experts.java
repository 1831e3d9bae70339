package tilewright.model.graph;

import java.util.List;

/**
 * Runs each expert's two-layer MLP on its queue.
 *
 * <p>Operands: queue [routed,D], offsets [E+1], fc1 [E,h,D], bias1 [E,h], fc2 [E,D,h], bias2 [E,D]. Output: [routed,D], rows
 * in queue order: {@code fc2[e] act(fc1[e] x + bias1[e]) + bias2[e]}.
 *
 * @param activation between the two layers
 */
public record Experts(Activation activation) implements Op {
    @Override
    public String mnemonic() {
        return "experts";
    }

    @Override
    public String attributes() {
        return "activation=" + activation.label();
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "queue", "offsets", "fc1", "bias1", "fc2", "bias2");
        Shape queue = operands.match(0, Dim.ROUTED, "hidden");
        Shape fc1 = operands.match(2, "experts", "expert_hidden", queue.dim(1));
        operands.matchIndices(1, operands.fixed(2, 0) + 1);
        operands.match(3, fc1.dim(0), fc1.dim(1));
        operands.match(4, fc1.dim(0), queue.dim(1), fc1.dim(1));
        operands.match(5, fc1.dim(0), queue.dim(1));
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 queue = inputs.get(0);
        double[] offsets = inputs.get(1).data();
        Tensor64 fc1 = inputs.get(2);
        double[] bias1 = inputs.get(3).data();
        double[] fc2 = inputs.get(4).data();
        double[] bias2 = inputs.get(5).data();
        int hidden = fc1.dim(1);
        int width = fc1.dim(2);
        double[] inner = new double[queue.dim(0) * hidden];
        Tensor64 out = Tensor64.zeros(queue.dims());
        for (int e = 0; e < fc1.dim(0); e++) {
            int first = (int) offsets[e];
            int last = (int) offsets[e + 1];
            int matrix = e * hidden * width;
            Linear.multiply(queue.data(), first, last, width, fc1.data(), matrix, bias1, e * hidden, hidden, inner);
            for (int i = first * hidden; i < last * hidden; i++) {
                inner[i] = activation.apply(inner[i]);
            }
            Linear.multiply(inner, first, last, hidden, fc2, matrix, bias2, e * width, width, out.data());
        }
        return List.of(out);
    }
}
