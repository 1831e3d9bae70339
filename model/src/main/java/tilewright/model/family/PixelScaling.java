package tilewright.model.family;

import tilewright.model.graph.Normalize;

/** How raw pixels 0..255 become what a model was trained on: {@code (pixel * rescale - mean[c]) / std[c]}. */
final class PixelScaling {
    private final double rescale;
    private final double[] mean;
    private final double[] std;

    PixelScaling(double rescale, double[] mean, double[] std) {
        this.rescale = rescale;
        this.mean = mean;
        this.std = std;
    }

    /** From {@code pixel_mean} and {@code pixel_std} of a configuration, after division by 255. */
    static PixelScaling read(ModelConfig config, int channels) {
        return new PixelScaling(
                1 / 255.0,
                config.perChannel("pixel_mean", channels, -1e6, 1e6),
                config.perChannel("pixel_std", channels, 1e-6, 1e6));
    }

    /** The operator. */
    Normalize operator() {
        float[] scale = new float[mean.length];
        float[] offset = new float[mean.length];
        for (int c = 0; c < mean.length; c++) {
            scale[c] = (float) (rescale / std[c]);
            offset[c] = (float) (-mean[c] / std[c]);
        }
        return new Normalize(scale, offset);
    }
}
