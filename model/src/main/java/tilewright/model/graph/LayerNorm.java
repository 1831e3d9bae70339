package tilewright.model.graph;

import java.util.List;

/**
 * Normalises each row to mean 0 and variance 1, then scales and shifts (Ba et al. 2016, arXiv 1607.06450).
 *
 * <p>Operands: x [...,D], gamma [D], beta [D]. Output: the shape of x: {@code (x - mean) / sqrt(variance + epsilon) * gamma
 * + beta}, with the variance divided by D.
 *
 * @param epsilon added to the variance; above 0
 */
public record LayerNorm(double epsilon) implements Op {
    @Override
    public String mnemonic() {
        return "layer_norm";
    }

    @Override
    public String attributes() {
        return "epsilon=" + epsilon;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x", "gamma", "beta");
        if (!(epsilon > 0)) {
            throw new InvalidGraphException("has epsilon " + epsilon + ", expected a number above 0");
        }
        Dim hidden = operands.matchRows(0).dim(-1);
        operands.match(1, hidden);
        operands.match(2, hidden);
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.get(0);
        double[] gamma = inputs.get(1).data();
        double[] beta = inputs.get(2).data();
        int hidden = gamma.length;
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
                out[row + i] = (x.data()[row + i] - mean) * inverse * gamma[i] + beta[i];
            }
        }
        return List.of(new Tensor64(x.dims(), out));
    }
}
