package tilewright.edge.vector;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.graph.Activation;
import tilewright.model.graph.InvalidGraphException;

/** {@link tilewright.model.graph.Experts}: a block of one expert's queue at a time runs through both layers. */
record ExpertsKernel(Activation activation) implements Kernel {
    private static final int BLOCK_ROWS = 16 * MatrixProduct.TILE_ROWS;

    /** Queue rows {@code first .. last-1}, all of one expert. */
    private record Block(int expert, int first, int last) {}

    @Override
    public List<Value> run(List<Operand> operands, Context context) {
        if (operands.size() != 6) {
            throw new InvalidGraphException("has no biases, which the float executor does not support yet");
        }
        Operand queue = operands.get(0);
        int experts = operands.get(2).dim(0);
        int hidden = operands.get(2).dim(1);
        int width = queue.dim(1);
        PackedMatrix[] fc1 = operands.get(2).packed(experts, width);
        float[] bias1 = operands.get(3).padded();
        PackedMatrix[] fc2 = operands.get(4).packed(experts, hidden);
        float[] bias2 = operands.get(5).padded();
        List<Block> blocks = blocks(operands.get(1), experts, queue.dim(0));
        Value out = context.make(queue.dims());
        context.workers().forEach(blocks.size(), (item, scratch) -> {
            Block block = blocks.get(item);
            int expert = block.expert();
            int rows = block.last() - block.first();
            float[] inner = scratch.floats(0, BLOCK_ROWS * hidden);
            MatrixProduct.multiply(
                    queue.data(),
                    queue.row(block.first()),
                    queue.rowStride(),
                    rows,
                    fc1[expert],
                    bias1,
                    expert * PackedMatrix.padded(hidden),
                    inner,
                    0,
                    hidden);
            ActivationLoops.apply(activation, inner, 0, inner, 0, rows * hidden);
            MatrixProduct.multiply(
                    inner,
                    0,
                    hidden,
                    rows,
                    fc2[expert],
                    bias2,
                    expert * PackedMatrix.padded(width),
                    out.data(),
                    out.row(block.first()),
                    out.rowStride());
        });
        return List.of(out);
    }

    @Override
    public void load(Operand weight, int index) {
        if (weight.dims().length == 3) {
            weight.packed(weight.dim(0), weight.dim(2));
        } else {
            weight.padded();
        }
    }

    private static List<Block> blocks(Operand offsets, int experts, int routed) {
        List<Block> blocks = new ArrayList<>();
        int first = 0;
        for (int expert = 0; expert < experts; expert++) {
            int last = (int) offsets.data()[offsets.offset() + expert + 1];
            if (last < first || last > routed) {
                throw new InvalidGraphException("reads offset " + last + " for the end of expert " + expert
                        + "'s queue, expected " + first + " to " + routed);
            }
            for (; first < last; first = Math.min(last, first + BLOCK_ROWS)) {
                blocks.add(new Block(expert, first, Math.min(last, first + BLOCK_ROWS)));
            }
        }
        return blocks;
    }
}
