package tilewright.edge.vector;

import static tilewright.edge.vector.MatrixProduct.LANES;
import static tilewright.edge.vector.MatrixProduct.SPECIES;

import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** {@link tilewright.model.graph.Add} and {@link tilewright.model.graph.Scale}, row by row. */
final class ElementKernels {
    /** Elements of a block of rows. */
    private static final int BLOCK_ELEMENTS = 1 << 14;

    private ElementKernels() {}

    /** Rows whose elements together are worth handing to a thread. */
    static int blockRows(int width) {
        return Math.max(1, BLOCK_ELEMENTS / width);
    }

    static List<Value> add(List<Operand> operands, Kernel.Context context) {
        Operand x = operands.get(0);
        Operand y = operands.get(1);
        Value out = context.make(x.dims());
        int width = x.dim(-1);
        int repeat = y.rows();
        context.workers().forBlocks(x.rows(), blockRows(width), (from, to, _) -> {
            for (int row = from; row < to; row++) {
                add(x.data(), x.row(row), y.data(), y.row(row % repeat), out.data(), out.row(row), width);
            }
        });
        return List.of(out);
    }

    private static void add(float[] x, int xAt, float[] y, int yAt, float[] out, int at, int width) {
        int i = 0;
        for (; i < SPECIES.loopBound(width); i += LANES) {
            FloatVector.fromArray(SPECIES, x, xAt + i)
                    .add(FloatVector.fromArray(SPECIES, y, yAt + i))
                    .intoArray(out, at + i);
        }
        if (i < width) {
            VectorMask<Float> rest = SPECIES.indexInRange(i, width);
            FloatVector.fromArray(SPECIES, x, xAt + i, rest)
                    .add(FloatVector.fromArray(SPECIES, y, yAt + i, rest))
                    .intoArray(out, at + i, rest);
        }
    }

    static List<Value> scale(List<Operand> operands, float factor, Kernel.Context context) {
        Operand x = operands.getFirst();
        Value out = context.make(x.dims());
        int width = x.dim(-1);
        context.workers().forBlocks(x.rows(), blockRows(width), (from, to, _) -> {
            for (int row = from; row < to; row++) {
                int xAt = x.row(row);
                int at = out.row(row);
                for (int i = 0; i < width; i++) {
                    out.data()[at + i] = x.data()[xAt + i] * factor;
                }
            }
        });
        return List.of(out);
    }
}
