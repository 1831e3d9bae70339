package tilewright.model.graph;

import java.util.Arrays;
import java.util.List;

/**
 * Maps raw pixels 0..255 to what the model was trained on: {@code x * scale[c] + offset[c]}.
 *
 * <p>Operand: image [B,C,H,W]. Output: the same shape.
 *
 * @param scale per channel
 * @param offset per channel
 */
public record Normalize(float[] scale, float[] offset) implements Op {
    @Override
    public String mnemonic() {
        return "normalize";
    }

    @Override
    public String attributes() {
        return "scale=" + Arrays.toString(scale) + ", offset=" + Arrays.toString(offset);
    }

    @Override
    public List<Type> infer(List<Type> inputs) {
        if (scale.length != offset.length) {
            throw new InvalidGraphException("has " + scale.length + " scales and " + offset.length + " offsets");
        }
        new Operands(inputs, "image").match(0, "batch", scale.length, "height", "width");
        return inputs;
    }

    @Override
    public List<Tensor64> evaluate(List<Tensor64> inputs) {
        Tensor64 image = inputs.getFirst();
        int plane = image.dim(2) * image.dim(3);
        double[] out = new double[image.data().length];
        for (int i = 0; i < out.length; i++) {
            int channel = i / plane % scale.length;
            out[i] = image.data()[i] * scale[channel] + offset[channel];
        }
        return List.of(new Tensor64(image.dims(), out));
    }
}
