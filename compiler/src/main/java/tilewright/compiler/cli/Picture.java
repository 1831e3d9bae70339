package tilewright.compiler.cli;

import java.util.ArrayList;
import java.util.List;
import tilewright.model.family.ImageGeometry;

/** Draws outputs that lie on the patches of an image with characters. */
final class Picture {
    private static final String SHADES = " .:-=+*#%@";
    private static final String CLASSES = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final int MAX_COLUMNS = 64;

    private Picture() {}

    /** Whether values {@code [patches, n]} are one number per pixel, so that {@link #pixels} can draw them. */
    static boolean isPixels(int[] shape, ImageGeometry image) {
        return isPatches(shape, image) && shape[1] == image.patch() * image.patch();
    }

    /** Whether values lie on the patches. */
    static boolean isPatches(int[] shape, ImageGeometry image) {
        return shape.length == 2 && shape[0] == image.patches();
    }

    /**
     * The pixels of all patches, dark to light as the least to the greatest value; two characters per pixel, as characters
     * are twice as high as wide.
     *
     * @param values {@code [patches, patch * patch]}, row-major in the patch
     * @return lines; large pictures are thinned out to 64 columns of pixels
     */
    static List<String> pixels(float[] values, ImageGeometry image) {
        float least = Float.POSITIVE_INFINITY;
        float greatest = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            least = Math.min(least, value);
            greatest = Math.max(greatest, value);
        }
        float range = Math.max(greatest - least, Float.MIN_NORMAL);
        int step = Math.ceilDiv(image.width(), MAX_COLUMNS);
        int patch = image.patch();
        List<String> lines = new ArrayList<>();
        for (int y = 0; y < image.height(); y += step) {
            StringBuilder line = new StringBuilder();
            for (int x = 0; x < image.width(); x += step) {
                int index = ((y / patch) * (image.width() / patch) + x / patch) * patch * patch
                        + (y % patch) * patch
                        + x % patch;
                int shade = Math.round((values[index] - least) / range * (SHADES.length() - 1));
                line.append(SHADES.charAt(shade)).append(SHADES.charAt(shade));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** The class with the largest value of each patch, as a character; classes beyond 61 start again at 0. */
    static List<String> classes(float[] values, int classes, ImageGeometry image) {
        int columns = image.width() / image.patch();
        List<String> lines = new ArrayList<>();
        for (int y = 0; y < image.height() / image.patch(); y++) {
            StringBuilder line = new StringBuilder();
            for (int x = 0; x < columns; x++) {
                int best = Evaluation.largest(values, (y * columns + x) * classes, classes);
                line.append(CLASSES.charAt(best % CLASSES.length())).append(' ');
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }
}
