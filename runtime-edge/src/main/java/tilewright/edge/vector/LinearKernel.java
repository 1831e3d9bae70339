package tilewright.edge.vector;

import java.util.List;

/** {@link tilewright.model.graph.Linear}: blocks of rows and groups of panels, each block's inputs in the second-level cache. */
record LinearKernel() implements Kernel {
    /** Elements of x that a block may hold: 256 KiB. */
    private static final int BLOCK_ELEMENTS = 1 << 16;

    private static final int MAX_BLOCK_ROWS = 40 * MatrixProduct.TILE_ROWS;

    @Override
    public List<Value> run(List<Operand> operands, Context context) {
        Operand x = operands.get(0);
        int width = x.dim(-1);
        PackedMatrix matrix = operands.get(1).packed(1, width)[0];
        float[] bias = bias(operands, 2, matrix);
        Value out = context.makeRows(x, matrix.outputs());
        int rows = x.rows();
        int block = blockRows(rows, width, context.workers().threads());
        int blocks = Math.ceilDiv(rows, block);
        int groups =
                Math.min(matrix.panelCount(), Math.ceilDiv(2 * context.workers().threads(), blocks));
        int panelsPerGroup = Math.ceilDiv(matrix.panelCount(), context.workers().threads() == 1 ? 1 : groups);
        int used = Math.ceilDiv(matrix.panelCount(), panelsPerGroup);
        context.workers().forEach(blocks * used, (item, _) -> {
            int first = item / used * block;
            int panel = item % used * panelsPerGroup;
            MatrixProduct.multiply(
                    x.data(),
                    x.row(first),
                    x.rowStride(),
                    Math.min(block, rows - first),
                    matrix.panels(),
                    width,
                    bias,
                    0,
                    out.data(),
                    out.row(first),
                    out.rowStride(),
                    matrix.outputs(),
                    panel,
                    Math.min(panel + panelsPerGroup, matrix.panelCount()));
        });
        return List.of(out);
    }

    @Override
    public void load(Operand weight, int index) {
        if (index == 1) {
            weight.packed(1, weight.dim(-1));
        } else {
            weight.padded();
        }
    }

    /** The biases in operand {@code at}, padded; zeros when there is none. */
    static float[] bias(List<Operand> operands, int at, PackedMatrix matrix) {
        return operands.size() > at ? operands.get(at).padded() : new float[PackedMatrix.padded(matrix.outputs())];
    }

    /** Rows of a block: whole register tiles, few enough for the cache and for every thread to get some blocks. */
    static int blockRows(int rows, int width, int threads) {
        int cached = Math.clamp(BLOCK_ELEMENTS / width, MatrixProduct.TILE_ROWS, MAX_BLOCK_ROWS);
        int shared = threads == 1 ? cached : Math.max(4 * MatrixProduct.TILE_ROWS, Math.ceilDiv(rows, 4 * threads));
        return Math.ceilDiv(Math.min(cached, shared), MatrixProduct.TILE_ROWS) * MatrixProduct.TILE_ROWS;
    }
}
