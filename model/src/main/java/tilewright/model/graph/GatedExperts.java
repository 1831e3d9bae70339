package tilewright.model.graph;

import java.util.List;

/**
 * Runs each expert's gated MLP on its queue; further queues, those of zero experts, are copied through (LongCat-Flash).
 *
 * <p>Operands: queue [routed,D], offsets [E+identity+1], gate [E,h,D], up [E,h,D], down [E,D,h], and either no biases or all of gate
 * bias [E,h], up bias [E,h], down bias [E,D]. Output: [routed,D], rows in queue order: {@code down[e] unit(gate[e] x, up[e] x)}.
 *
 * @param unit the product between the layers
 * @param identity queues behind those of the experts whose rows are copied
 */
public record GatedExperts(GatedUnit unit, int identity) implements Op {
    /** Experts without copying queues. */
    public GatedExperts(GatedUnit unit) {
        this(unit, 0);
    }

    @Override
    public String mnemonic() {
        return "gated_experts";
    }

    @Override
    public String attributes() {
        return unit.attributes() + (identity == 0 ? "" : ", identity=" + identity);
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands =
                new Operands(inputs, 5, "queue", "offsets", "gate", "up", "down", "gate_bias", "up_bias", "down_bias");
        unit.checkSettings();
        Operands.atLeast("identity", identity, 0);
        Shape queue = operands.match(0, Dim.ROUTED, "hidden");
        Shape gate = operands.match(2, "experts", "expert_hidden", queue.dim(1));
        operands.matchIndices(1, operands.fixed(2, 0) + identity + 1);
        operands.match(3, gate.dims().toArray());
        operands.match(4, gate.dim(0), queue.dim(1), gate.dim(1));
        if (operands.has(5)) {
            if (inputs.size() != 8) {
                throw new InvalidGraphException("has " + (inputs.size() - 5) + " of 3 biases, expected all or none");
            }
            operands.match(5, gate.dim(0), gate.dim(1));
            operands.match(6, gate.dim(0), gate.dim(1));
            operands.match(7, gate.dim(0), queue.dim(1));
        }
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 queue = inputs.get(0);
        double[] offsets = inputs.get(1).data();
        Tensor64 weight = inputs.get(2);
        boolean biased = inputs.size() > 5;
        double[] gate = new double[queue.dim(0) * weight.dim(1)];
        double[] up = new double[gate.length];
        ExpertLinear.multiply(
                queue.data(), offsets, weight, biased ? inputs.get(5).data() : null, gate);
        ExpertLinear.multiply(
                queue.data(), offsets, inputs.get(3), biased ? inputs.get(6).data() : null, up);
        for (int i = 0; i < gate.length; i++) {
            gate[i] = unit.apply(gate[i], up[i]);
        }
        Tensor64 out = Tensor64.zeros(queue.dims());
        ExpertLinear.multiply(
                gate, offsets, inputs.get(4), biased ? inputs.get(7).data() : null, out.data());
        int copied = (int) offsets[weight.dim(0)] * queue.dim(1);
        System.arraycopy(queue.data(), copied, out.data(), copied, out.data().length - copied);
        return List.of(out);
    }
}
