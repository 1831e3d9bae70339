package tilewright.model.graph;

import java.util.List;

/**
 * Multiplies every element by one constant.
 *
 * <p>Operand: x of any shape. Output: the same shape.
 *
 * @param factor the constant
 */
public record Scale(double factor) implements Op {
    @Override
    public String mnemonic() {
        return "scale";
    }

    @Override
    public String attributes() {
        return "factor=" + factor;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x");
        if (!Double.isFinite(factor)) {
            throw new InvalidGraphException("has factor " + factor + ", expected a finite number");
        }
        operands.match(0, operands.shape(0).dims().toArray());
        return inputs;
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        double[] x = inputs.getFirst().data();
        double[] out = new double[x.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = x[i] * factor;
        }
        return List.of(new Tensor64(inputs.getFirst().dims(), out));
    }
}
