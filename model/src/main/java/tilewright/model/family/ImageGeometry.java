package tilewright.model.family;

/**
 * The images that a model takes, and how it cuts them.
 *
 * @param channels colour channels
 * @param height rows of pixels; a multiple of the patch
 * @param width columns of pixels; a multiple of the patch
 * @param patch side of a square patch in pixels
 */
public record ImageGeometry(int channels, int height, int width, int patch) {
    private static final int MAX_SIDE = 1 << 14;
    private static final int MAX_CHANNELS = 1 << 10;

    /** Reads and checks {@code num_channels}, {@code image_size} and {@code patch_size} (numbers or [rows, columns]). */
    static ImageGeometry read(ModelConfig config) {
        int channels = config.whole("num_channels", 1, MAX_CHANNELS, 3);
        int[] image = config.pair("image_size", 1, MAX_SIDE);
        int[] patch = config.pair("patch_size", 1, MAX_SIDE);
        if (patch[0] != patch[1]) {
            throw config.wrong("patch_size", "is " + patch[0] + " x " + patch[1] + ", expected a square");
        }
        if (image[0] % patch[0] != 0 || image[1] % patch[0] != 0) {
            throw config.wrong(
                    "image_size",
                    "is " + image[0] + " x " + image[1] + ", expected multiples of patch_size, " + patch[0]);
        }
        return new ImageGeometry(channels, image[0], image[1], patch[0]);
    }

    /** The number of patches. */
    public int patches() {
        return (height / patch) * (width / patch);
    }
}
