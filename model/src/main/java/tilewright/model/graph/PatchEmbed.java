package tilewright.model.graph;

import java.util.List;

/**
 * Cuts an image into square patches and maps each linearly to a token: a convolution whose stride is its kernel.
 *
 * <p>Operands: image [B,C,H,W], weight [D,C,patch,patch], bias [D] (optional). Output: [B,P,D], patches row-major.
 *
 * @param patch side of a patch in pixels; divides H and W
 */
public record PatchEmbed(int patch) implements Op {
    @Override
    public String mnemonic() {
        return "patch_embed";
    }

    @Override
    public String attributes() {
        return "patch=" + patch;
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        Operands operands = new Operands(inputs, 2, "image", "weight", "bias");
        if (patch < 1) {
            throw new InvalidGraphException("has patch " + patch + ", expected at least 1");
        }
        Shape image = operands.match(0, "batch", "channels", "height", "width");
        int height = operands.fixed(0, 2);
        int width = operands.fixed(0, 3);
        if (height % patch != 0 || width % patch != 0) {
            throw operands.problem(0, "has shape " + image + ", expected height and width divisible by " + patch);
        }
        Dim hidden = operands.match(1, "hidden", image.dim(1), patch, patch).dim(0);
        if (operands.has(2)) {
            operands.match(2, hidden);
        }
        return List.of(Type.f32(image.dim(0), Dim.of((long) (height / patch) * (width / patch)), hidden));
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 image = inputs.get(0);
        int channels = image.dim(1);
        int height = image.dim(2);
        int width = image.dim(3);
        int patches = (height / patch) * (width / patch);
        int taps = channels * patch * patch;
        double[] rows = new double[image.dim(0) * patches * taps];
        int at = 0;
        for (int b = 0; b < image.dim(0); b++) {
            for (int p = 0; p < patches; p++) {
                int top = p / (width / patch) * patch;
                int left = p % (width / patch) * patch;
                for (int c = 0; c < channels; c++) {
                    for (int y = 0; y < patch; y++) {
                        int from = ((b * channels + c) * height + top + y) * width + left;
                        System.arraycopy(image.data(), from, rows, at, patch);
                        at += patch;
                    }
                }
            }
        }
        Tensor64 weight = inputs.get(1);
        double[] bias = inputs.size() > 2 ? inputs.get(2).data() : null;
        Tensor64 out = Tensor64.zeros(image.dim(0), patches, weight.dim(0));
        Linear.multiply(rows, 0, out.rows(), taps, weight.data(), 0, bias, 0, weight.dim(0), out.data());
        return List.of(out);
    }
}
