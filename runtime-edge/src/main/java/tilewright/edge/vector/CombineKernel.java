package tilewright.edge.vector;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** {@link tilewright.model.graph.Combine}: per token the weighted sum in the router's order. */
record CombineKernel(int topK) implements Kernel {
    @Override
    public List<Value> run(List<Operand> operands, Context context) {
        Operand outputs = operands.get(0);
        Operand slots = operands.get(1);
        Operand weights = operands.get(2);
        int routed = slots.dim(0);
        int[] rows = new int[routed];
        for (int row = 0; row < routed; row++) {
            rows[(int) slots.data()[slots.offset() + row]] = row;
        }
        int width = outputs.dim(1);
        Value out = context.makeRows(weights, width);
        context.workers().forBlocks(weights.rows(), ElementKernels.blockRows(width), (from, to, _) -> {
            for (int token = from; token < to; token++) {
                for (int j = 0; j < topK; j++) {
                    int row = outputs.row(rows[token * topK + j]);
                    float weight = weights.data()[weights.row(token) + j];
                    accumulate(outputs.data(), row, weight, out.data(), out.row(token), width, j == 0);
                }
            }
        });
        return List.of(out);
    }

    private static void accumulate(float[] x, int xAt, float weight, float[] out, int at, int width, boolean first) {
        FloatVector factor = FloatVector.broadcast(SPECIES, weight);
        int i = 0;
        for (; i < SPECIES.loopBound(width); i += LANES) {
            FloatVector sum = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, at + i);
            FloatVector.fromArray(SPECIES, x, xAt + i).fma(factor, sum).intoArray(out, at + i);
        }
        if (i < width) {
            VectorMask<Float> rest = SPECIES.indexInRange(i, width);
            FloatVector sum = first ? FloatVector.zero(SPECIES) : FloatVector.fromArray(SPECIES, out, at + i, rest);
            FloatVector.fromArray(SPECIES, x, xAt + i, rest).fma(factor, sum).intoArray(out, at + i, rest);
        }
    }
}
