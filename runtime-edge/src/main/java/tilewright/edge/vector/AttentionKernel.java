package tilewright.edge.vector;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * {@link tilewright.model.graph.Attention}: head by head, a block of queries at a time.
 *
 * <p>A head's keys, scaled, and its values are packed once; then scores, exponentials and the weighted sum of values are two matrix
 * products around a two-pass softmax whose division is left to the end.
 */
record AttentionKernel(int heads, float scale) implements Kernel {
    private static final int BLOCK_QUERIES = 8 * MatrixProduct.TILE_ROWS;

    @Override
    public List<Value> run(List<Operand> operands, Context context) {
        Operand q = operands.get(0);
        Operand k = operands.get(1);
        Operand v = operands.get(2);
        int tokens = q.dim(1);
        int width = q.dim(2) / heads;
        int paddedTokens = PackedMatrix.padded(tokens);
        float[] zeros = new float[Math.max(paddedTokens, PackedMatrix.padded(width))];
        Value out = context.make(q.dims());
        context.workers().forEach(q.dim(0) * heads, (item, scratch) -> {
            int image = item / heads * tokens;
            int column = item % heads * width;
            float[] keys = scratch.floats(0, paddedTokens * width);
            float[] values = scratch.floats(1, tokens * PackedMatrix.padded(width));
            float[] scores = scratch.floats(2, BLOCK_QUERIES * paddedTokens);
            float[] sums = scratch.floats(3, BLOCK_QUERIES + LANES);
            PackedMatrix.packRows(k.data(), k.row(image) + column, k.rowStride(), tokens, width, keys);
            multiply(keys, 0, paddedTokens * width, scale);
            PackedMatrix.packColumns(v.data(), v.row(image) + column, v.rowStride(), width, tokens, values);
            PackedMatrix keyMatrix = new PackedMatrix(paddedTokens, width, keys);
            PackedMatrix valueMatrix = new PackedMatrix(width, tokens, values);
            for (int first = 0; first < tokens; first += BLOCK_QUERIES) {
                int count = Math.min(BLOCK_QUERIES, tokens - first);
                int query = q.row(image + first) + column;
                MatrixProduct.multiply(
                        q.data(), query, q.rowStride(), count, keyMatrix, zeros, 0, scores, 0, paddedTokens);
                for (int i = 0; i < count; i++) {
                    sums[i] = VectorMath.exponentials(scores, i * paddedTokens, tokens, sums, BLOCK_QUERIES);
                }
                int at = out.row(image + first) + column;
                MatrixProduct.multiply(
                        scores, 0, paddedTokens, count, valueMatrix, zeros, 0, out.data(), at, out.rowStride());
                for (int i = 0; i < count; i++) {
                    multiply(out.data(), at + i * out.rowStride(), width, 1 / sums[i]);
                }
            }
        });
        return List.of(out);
    }

    private static void multiply(float[] x, int at, int count, float factor) {
        int i = 0;
        for (; i < SPECIES.loopBound(count); i += LANES) {
            FloatVector.fromArray(SPECIES, x, at + i).mul(factor).intoArray(x, at + i);
        }
        if (i < count) {
            VectorMask<Float> rest = SPECIES.indexInRange(i, count);
            FloatVector.fromArray(SPECIES, x, at + i, rest).mul(factor).intoArray(x, at + i, rest);
        }
    }
}
