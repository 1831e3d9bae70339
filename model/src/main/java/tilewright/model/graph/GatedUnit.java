package tilewright.model.graph;

import java.util.List;

/**
 * A gated linear unit's product (Shazeer 2020, arXiv 2002.05202), with the clamps of GPT-OSS where a limit is set.
 *
 * <p>Operands: gate [...,h], up [...,h]. Output: the same shape: {@code act(min(gate, limit)) * (clamp(up, -limit, limit) +
 * upOffset)}.
 *
 * @param activation of the gate
 * @param limit above 0; infinite for none
 * @param upOffset added to the other factor; 0 but for GPT-OSS, where it is 1
 */
public record GatedUnit(Activation activation, double limit, double upOffset) implements Op {
    /** The plain product {@code act(gate) * up}. */
    public GatedUnit(Activation activation) {
        this(activation, Double.POSITIVE_INFINITY, 0);
    }

    @Override
    public String mnemonic() {
        return "gated_unit";
    }

    @Override
    public String attributes() {
        return "activation=" + activation.label()
                + (limit == Double.POSITIVE_INFINITY ? "" : ", limit=" + limit)
                + (upOffset == 0 ? "" : ", up_offset=" + upOffset);
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "gate", "up");
        checkSettings();
        Shape gate = operands.matchRows(0);
        operands.match(1, gate.dims().toArray());
        return List.of(inputs.getFirst());
    }

    /** Refuses settings that have no meaning, here and inside of experts. */
    void checkSettings() {
        if (!(limit > 0)) {
            throw new InvalidGraphException("has limit " + limit + ", expected a number above 0, infinite for none");
        }
        if (!Double.isFinite(upOffset)) {
            throw new InvalidGraphException("has up_offset " + upOffset + ", expected a finite number");
        }
    }

    /** The product for one pair of elements. */
    public double apply(double gate, double up) {
        return activation.apply(Math.min(gate, limit)) * (Math.clamp(up, -limit, limit) + upOffset);
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        double[] gate = inputs.get(0).data();
        double[] up = inputs.get(1).data();
        double[] out = new double[gate.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = apply(gate[i], up[i]);
        }
        return List.of(new Tensor64(inputs.get(0).dims(), out));
    }
}
