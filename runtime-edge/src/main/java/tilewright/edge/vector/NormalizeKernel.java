package tilewright.edge.vector;

import java.util.List;

/** {@link tilewright.model.graph.Normalize}: one scale and offset per plane. */
record NormalizeKernel(float[] scale, float[] offset) implements Kernel {
    @Override
    public List<Value> run(List<Operand> operands, Context context) {
        Operand image = operands.getFirst();
        int height = image.dim(2);
        int width = image.dim(3);
        Value out = context.make(image.dims());
        context.workers().forEach(image.dim(0) * scale.length, (plane, _) -> {
            float factor = scale[plane % scale.length];
            float shift = offset[plane % scale.length];
            for (int row = plane * height; row < (plane + 1) * height; row++) {
                int from = image.row(row);
                int to = out.row(row);
                for (int i = 0; i < width; i++) {
                    out.data()[to + i] = image.data()[from + i] * factor + shift;
                }
            }
        });
        return List.of(out);
    }
}
