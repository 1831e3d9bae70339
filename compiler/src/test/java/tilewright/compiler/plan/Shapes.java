package tilewright.compiler.plan;

import java.util.ArrayList;
import java.util.List;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.PatchGeometry;

/** Shapes of multi-task MoE vision transformers, written from their published sizes. */
final class Shapes {
    private Shapes() {}

    /**
     * Sizes of a vision transformer whose odd blocks have experts.
     *
     * @param geometry of the image; one class token is added to the patches
     */
    record Vit(
            String name,
            PatchGeometry geometry,
            int features,
            int blocks,
            int heads,
            int denseHidden,
            int experts,
            int topK,
            int expertHidden) {
        int tokens() {
            return geometry.patches() + 1;
        }

        long weights() {
            long attention = 4L * features * features;
            long dense = 2L * features * denseHidden;
            long expert = 2L * features * expertHidden * experts;
            return (long) geometry.patchSize() * features + blocks * attention + blocks / 2 * (dense + expert);
        }

        ProgramShape at(int bits) {
            IntegerFormat format = new IntegerFormat(bits);
            RowShape model = RowShape.of(features, bits);
            RowShape residual = RowShape.of(features, format.residualBits());
            RowShape qkv = new RowShape(3 * heads, features / heads, bits);
            RowShape context = new RowShape(heads, features / heads, bits);
            int table = bits == 8 ? 256 : 360;
            int tokens = tokens();
            long image = geometry.imageBytes();
            List<StepShape> steps = new ArrayList<>();
            steps.add(new StepShape.Embed(
                    "embed", "embed", geometry, tokens, RowShape.of(geometry.patchSize(), bits), residual));
            for (int b = 0; b < blocks; b++) {
                String block = "block" + b;
                steps.add(new StepShape.Norm(block + ".norm1", block, tokens, residual, model));
                steps.add(new StepShape.Linear(block + ".qkv", block, tokens, model, qkv, false, 0));
                steps.add(new StepShape.Attention(
                        block + ".attention", block, tokens, heads, features / heads, qkv, context));
                steps.add(new StepShape.Linear(block + ".projection", block, tokens, context, residual, true, 0));
                steps.add(new StepShape.Norm(block + ".norm2", block, tokens, residual, model));
                if (b % 2 == 0) {
                    RowShape hidden = RowShape.of(denseHidden, bits);
                    steps.add(new StepShape.Linear(block + ".fc1", block, tokens, model, hidden, false, table));
                    steps.add(new StepShape.Linear(block + ".fc2", block, tokens, hidden, residual, true, 0));
                } else {
                    RowShape hidden = RowShape.of(expertHidden, bits);
                    steps.add(new StepShape.Route(block + ".route", block, tokens, model, experts, topK));
                    steps.add(new StepShape.Experts(
                            block + ".experts", block, tokens, experts, topK, model, hidden, residual, table));
                }
            }
            long buffers = tokens * (long) (10 * features + denseHidden) * 2;
            return new ProgramShape(
                    name,
                    format,
                    new SoftmaxFormat(Math.max(tokens, experts)),
                    image,
                    weights() * bits / 8 + image + buffers,
                    List.of(new TaskShape("task0", steps, (long) tokens * features * 2)));
        }
    }

    /** Edge-MoE's M3ViT on Cityscapes: 128x256 in patches of 16x16x3. */
    static final Vit EDGE_MOE = new Vit("edge-moe", new PatchGeometry(3, 128, 256, 16), 192, 12, 3, 768, 16, 2, 384);

    /** A vision transformer of 100 million parameters. */
    static final Vit VIT_100M =
            new Vit("vit-moe-100m", new PatchGeometry(3, 224, 224, 16), 384, 12, 6, 1536, 16, 2, 1152);

    /** The trained example: MNIST digits in patches of 4x4. */
    static final Vit MNIST = new Vit("vit-moe-mnist", new PatchGeometry(1, 28, 28, 4), 96, 6, 3, 192, 16, 2, 96);
}
