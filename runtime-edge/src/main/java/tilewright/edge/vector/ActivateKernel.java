package tilewright.edge.vector;

import java.util.List;
import tilewright.model.graph.Activation;

/** {@link tilewright.model.graph.Activate}, block by block of rows. */
record ActivateKernel(Activation kind) implements Kernel {
    @Override
    public List<Value> run(List<Operand> operands, Context context) {
        Operand x = operands.getFirst();
        Value out = context.make(x.dims());
        int width = x.dim(-1);
        context.workers().forBlocks(x.rows(), ElementKernels.blockRows(width), (from, to, _) -> {
            if (x.isContiguous()) {
                ActivationLoops.apply(kind, x.data(), x.row(from), out.data(), out.row(from), (to - from) * width);
            } else {
                for (int row = from; row < to; row++) {
                    ActivationLoops.apply(kind, x.data(), x.row(row), out.data(), out.row(row), width);
                }
            }
        });
        return List.of(out);
    }
}
