package tilewright.model.graph;

import java.util.List;

/**
 * Adds two values of one shape, or a value and a parameter that is repeated over the leading dimensions.
 *
 * <p>Operands: x [B,...,D], y the same, or without B (repeated for every image), or [D] (repeated for every row). Output: the
 * shape of x.
 */
public record Add() implements Op {
    @Override
    public String mnemonic() {
        return "add";
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, "x", "y");
        Shape x = operands.shape(0);
        operands.match(0, x.dims().toArray());
        int rank = operands.shape(1).rank();
        int repeated = rank == 1 || rank == x.rank() - 1 ? x.rank() - rank : 0;
        operands.match(1, x.dims().subList(Math.max(0, repeated), x.rank()).toArray());
        return List.of(inputs.getFirst());
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        double[] x = inputs.get(0).data();
        double[] y = inputs.get(1).data();
        double[] out = new double[x.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = x[i] + y[i % y.length];
        }
        return List.of(new Tensor64(inputs.get(0).dims(), out));
    }
}
