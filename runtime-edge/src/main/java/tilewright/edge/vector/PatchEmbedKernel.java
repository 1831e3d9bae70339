package tilewright.edge.vector;

import java.util.List;

/** {@link tilewright.model.graph.PatchEmbed}: gathers a block of patches as rows, then multiplies. */
record PatchEmbedKernel(int patch) implements Kernel {
    @Override
    public List<Value> run(List<Operand> operands, Context context) {
        Operand image = operands.get(0);
        int across = image.dim(3) / patch;
        int patches = image.dim(2) / patch * across;
        int taps = image.dim(1) * patch * patch;
        PackedMatrix matrix = operands.get(1).packed(1, taps)[0];
        float[] bias = LinearKernel.bias(operands, 2, matrix);
        Value out = context.make(image.dim(0), patches, matrix.outputs());
        int rows = out.rows();
        int block = LinearKernel.blockRows(rows, taps, context.workers().threads());
        context.workers().forBlocks(rows, block, (from, to, scratch) -> {
            float[] gathered = scratch.floats(0, block * taps);
            for (int row = from; row < to; row++) {
                gather(
                        image,
                        row / patches,
                        row % patches / across,
                        row % patches % across,
                        gathered,
                        (row - from) * taps);
            }
            MatrixProduct.multiply(
                    gathered, 0, taps, to - from, matrix, bias, 0, out.data(), out.row(from), out.rowStride());
        });
        return List.of(out);
    }

    @Override
    public void load(Operand weight, int index) {
        if (index == 1) {
            weight.packed(1, weight.elements() / weight.dim(0));
        } else {
            weight.padded();
        }
    }

    private void gather(Operand image, int batch, int down, int across, float[] to, int at) {
        int height = image.dim(2);
        for (int c = 0; c < image.dim(1); c++) {
            int top = (batch * image.dim(1) + c) * height + down * patch;
            for (int y = 0; y < patch; y++) {
                System.arraycopy(image.data(), image.row(top + y) + across * patch, to, at, patch);
                at += patch;
            }
        }
    }
}
