package tilewright.model.graph;

import java.util.List;

/**
 * Multiplies a value by another one, element by element or by column groups.
 *
 * <p>Operands: x [...,D], y: [...,G] with the leading dimensions of x, or [G], where G divides D: element {@code g} of a row
 * of y multiplies columns {@code g*D/G .. (g+1)*D/G-1} of x. G = D is the plain product, G = 1 scales whole rows, G = heads
 * scales heads. Output: the shape of x.
 */
public record Multiply() implements Op {
    @Override
    public String mnemonic() {
        return "multiply";
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x", "y");
        Shape x = operands.matchRows(0);
        Shape y = operands.matchRows(1);
        boolean rows = y.rank() == 1
                || y.dims().subList(0, y.rank() - 1).equals(x.dims().subList(0, x.rank() - 1));
        if (!rows || x.size(-1) % y.size(-1) != 0) {
            throw operands.mismatch(
                    1, x + ", or one of its last dimension's divisors, with or without leading dimensions");
        }
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 x = inputs.get(0);
        double[] y = inputs.get(1).data();
        int group = x.dim(-1) / inputs.get(1).dim(-1);
        double[] out = new double[x.data().length];
        for (int i = 0; i < out.length; i++) {
            out[i] = x.data()[i] * y[i / group % y.length];
        }
        return List.of(new Tensor64(x.dims(), out));
    }
}
