package tilewright.model.graph;

import java.util.List;

/**
 * Normalises each row to mean 0 and variance 1, then scales and shifts (Ba et al. 2016, arXiv 1607.06450).
 *
 * <p>Operands: x [...,D], gamma and beta (both optional), each [D], or [D/groups] shared by all groups. Output: the shape of x:
 * {@code (x - mean) / sqrt(variance + epsilon) * gamma + beta}, with mean and variance over one of the equal column groups.
 *
 * @param epsilon added to the variance; above 0
 * @param groups divides D; 1 for the whole row
 */
public record LayerNorm(double epsilon, int groups) implements Op {
    /** The norm of whole rows. */
    public LayerNorm(double epsilon) {
        this(epsilon, 1);
    }

    @Override
    public String mnemonic() {
        return "layer_norm";
    }

    @Override
    public String attributes() {
        return "epsilon=" + epsilon + (groups == 1 ? "" : ", groups=" + groups);
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, 1, "x", "gamma", "beta");
        if (!(epsilon > 0)) {
            throw new InvalidGraphException("has epsilon " + epsilon + ", expected a number above 0");
        }
        operands.matchGroups(0, groups);
        for (int weight = 1; weight < inputs.size(); weight++) {
            operands.matchGroupWeight(weight, 0, groups);
        }
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.get(0);
        double[] gamma = inputs.size() > 1 ? inputs.get(1).data() : null;
        double[] beta = inputs.size() > 2 ? inputs.get(2).data() : null;
        int hidden = x.dim(-1) / groups;
        double[] out = new double[x.data().length];
        for (int row = 0; row < out.length; row += hidden) {
            double sum = 0;
            for (int i = 0; i < hidden; i++) {
                sum += x.data()[row + i];
            }
            double mean = sum / hidden;
            double squares = 0;
            for (int i = 0; i < hidden; i++) {
                double centred = x.data()[row + i] - mean;
                squares += centred * centred;
            }
            double inverse = 1 / Math.sqrt(squares / hidden + epsilon);
            for (int i = 0; i < hidden; i++) {
                int at = row + i;
                double unit = (x.data()[at] - mean) * inverse;
                out[at] = unit * (gamma == null ? 1 : gamma[at % gamma.length])
                        + (beta == null ? 0 : beta[at % beta.length]);
            }
        }
        return List.of(new Tensor64(x.dims(), out));
    }
}
