package tilewright.model.graph;

import java.util.List;

/**
 * Multiplies each expert's queue by its own matrix.
 *
 * <p>Operands: queue [routed,in], offsets [E+1], weight [E,out,in], bias [E,out] (optional). Output: [routed,out], rows in queue
 * order.
 */
public record ExpertLinear() implements Op {
    @Override
    public String mnemonic() {
        return "expert_linear";
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, 3, "queue", "offsets", "weight", "bias");
        Shape queue = operands.match(0, Dim.ROUTED, "in");
        Shape weight = operands.match(2, "experts", "out", queue.dim(1));
        operands.matchIndices(1, operands.fixed(2, 0) + 1);
        if (operands.has(3)) {
            operands.match(3, weight.dim(0), weight.dim(1));
        }
        return List.of(new Type(queue.with(1, weight.dim(1)), ElementType.F32));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 queue = inputs.get(0);
        Tensor64 weight = inputs.get(2);
        Tensor64 out = Tensor64.zeros(queue.dim(0), weight.dim(1));
        double[] bias = inputs.size() > 3 ? inputs.get(3).data() : null;
        multiply(queue.data(), inputs.get(1).data(), weight, bias, out.data());
        return List.of(out);
    }

    /** Per expert {@code y = x W^T + b} on its rows of a queue; bias null for none. */
    static void multiply(double[] x, double[] offsets, Tensor64 weight, double[] bias, double[] y) {
        int outputs = weight.dim(1);
        int width = weight.dim(2);
        for (int e = 0; e < weight.dim(0); e++) {
            int first = (int) offsets[e];
            int last = (int) offsets[e + 1];
            int matrix = e * outputs * width;
            Linear.multiply(x, first, last, width, weight.data(), matrix, bias, e * outputs, outputs, y);
        }
    }
}
