package tilewright.model.graph;

import java.util.List;

/**
 * Divides each row, or each of its equal column groups, by its root mean square (Zhang and Sennrich 2019, arXiv 1910.07467).
 *
 * <p>Operands: x [...,D], weight (optional) [D], or [D/groups] shared by all groups. Output: the shape of x: {@code x /
 * sqrt(mean of x^2 over the group + epsilon) * weight}. With one group per head this is the query and key norm of Qwen3; with
 * the groups of a state-space layer, the gated norm of Mamba-2.
 *
 * @param epsilon added to the mean square; at least 0
 * @param groups divides D; 1 for the whole row
 */
public record RmsNorm(double epsilon, int groups) implements Op {
    /** The norm of whole rows. */
    public RmsNorm(double epsilon) {
        this(epsilon, 1);
    }

    @Override
    public String mnemonic() {
        return "rms_norm";
    }

    @Override
    public String attributes() {
        return "epsilon=" + epsilon + (groups == 1 ? "" : ", groups=" + groups);
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, 1, "x", "weight");
        if (!(epsilon >= 0)) {
            throw new InvalidGraphException("has epsilon " + epsilon + ", expected a number of at least 0");
        }
        operands.matchGroups(0, groups);
        if (operands.has(1)) {
            operands.matchGroupWeight(1, 0, groups);
        }
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.get(0);
        double[] weight = inputs.size() > 1 ? inputs.get(1).data() : null;
        int width = x.dim(-1) / groups;
        double[] out = new double[x.data().length];
        for (int from = 0; from < out.length; from += width) {
            double squares = 0;
            for (int i = from; i < from + width; i++) {
                squares += x.data()[i] * x.data()[i];
            }
            double inverse = 1 / Math.sqrt(squares / width + epsilon);
            for (int i = from; i < from + width; i++) {
                out[i] = x.data()[i] * inverse * (weight == null ? 1 : weight[i % weight.length]);
            }
        }
        return List.of(new Tensor64(x.dims(), out));
    }
}
