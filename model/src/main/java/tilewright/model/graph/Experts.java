package tilewright.model.graph;

import java.util.List;

/**
 * Runs each expert's two-layer MLP on its queue.
 *
 * <p>Operands: queue [routed,D], offsets [E+1], fc1 [E,h,D], bias1 [E,h], fc2 [E,D,h], bias2 [E,D]; without biases: queue,
 * offsets, fc1, fc2. Output: [routed,D], rows in queue order: {@code fc2[e] act(fc1[e] x + bias1[e]) + bias2[e]}.
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
        boolean biased = inputs.size() != 4;
        Operands operands = biased
                ? new Operands(inputs, "queue", "offsets", "fc1", "bias1", "fc2", "bias2")
                : new Operands(inputs, "queue", "offsets", "fc1", "fc2");
        Shape queue = operands.match(0, Dim.ROUTED, "hidden");
        Shape fc1 = operands.match(2, "experts", "expert_hidden", queue.dim(1));
        operands.matchIndices(1, operands.fixed(2, 0) + 1);
        operands.match(biased ? 4 : 3, fc1.dim(0), queue.dim(1), fc1.dim(1));
        if (biased) {
            operands.match(3, fc1.dim(0), fc1.dim(1));
            operands.match(5, fc1.dim(0), queue.dim(1));
        }
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 queue = inputs.get(0);
        double[] offsets = inputs.get(1).data();
        Tensor64 fc1 = inputs.get(2);
        boolean biased = inputs.size() == 6;
        double[] inner = new double[queue.dim(0) * fc1.dim(1)];
        ExpertLinear.multiply(queue.data(), offsets, fc1, biased ? inputs.get(3).data() : null, inner);
        for (int i = 0; i < inner.length; i++) {
            inner[i] = activation.apply(inner[i]);
        }
        Tensor64 out = Tensor64.zeros(queue.dims());
        double[] bias2 = biased ? inputs.get(5).data() : null;
        ExpertLinear.multiply(inner, offsets, inputs.get(biased ? 4 : 3), bias2, out.data());
        return List.of(out);
    }
}
