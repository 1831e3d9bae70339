package tilewright.hw.program;

/**
 * How an image is cut into patches.
 *
 * <p>A patch is read as channels, then rows, then columns; patches are numbered row by row. A pixel of 0 to 255 has the
 * code {@code pixel - 128}.
 *
 * @param channels of the image
 * @param height of the image
 * @param width of the image
 * @param patch side of a patch, divides height and width
 */
public record PatchGeometry(int channels, int height, int width, int patch) {
    /** What is subtracted from a pixel to get its code. */
    public static final int PIXEL_OFFSET = 128;

    /** Number of patches. */
    public int patches() {
        return (height / patch) * (width / patch);
    }

    /** Values per patch. */
    public int patchSize() {
        return channels * patch * patch;
    }

    /** Bytes of one image. */
    public int imageBytes() {
        return channels * height * width;
    }

    /** Index in the image {@code [channels, height, width]} of a value of a patch. */
    public int pixelIndex(int patchNumber, int value) {
        int perRow = width / patch;
        int row = patchNumber / perRow * patch + value / patch % patch;
        int column = patchNumber % perRow * patch + value % patch;
        return (value / (patch * patch) * height + row) * width + column;
    }
}
