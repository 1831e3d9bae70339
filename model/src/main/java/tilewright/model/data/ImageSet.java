package tilewright.model.data;

import java.util.Arrays;
import java.util.List;
import tilewright.model.InvalidInputException;

/**
 * Images of one size with optional labels, read on demand.
 *
 * <p>An image is {@code [channels, height, width]}, row-major: raw pixels of 0 to 255, or, where {@link #normalised}
 * says so, float values that already went through a model's normalisation. Images are not resized: whoever needs
 * another size refuses. Safe for use by several threads.
 */
public final class ImageSet {
    private final String place;
    private final int count;
    private final int channels;
    private final int height;
    private final int width;
    private final Pixels pixels;
    private final Values values;
    private final int[] labels;
    private final List<String> names;

    /** Gives the raw pixels of one image, {@code [C, H, W]}, in an array of its own. */
    interface Pixels {
        byte[] image(int index);
    }

    /** Gives the normalised values of one image, {@code [C, H, W]}, in an array of its own. */
    interface Values {
        float[] image(int index);
    }

    private ImageSet(
            String place, int count, int[] shape, Pixels pixels, Values values, int[] labels, List<String> names) {
        this.place = place;
        this.count = count;
        this.channels = shape[0];
        this.height = shape[1];
        this.width = shape[2];
        this.pixels = pixels;
        this.values = values;
        this.labels = labels;
        this.names = names;
    }

    /** Images of raw pixels. {@code shape} is C, H, W; {@code labels} and {@code names} may be null. */
    static ImageSet raw(String place, int count, int[] shape, Pixels pixels, int[] labels, List<String> names) {
        return new ImageSet(place, count, shape, pixels, null, labels, names);
    }

    /** Images of normalised values. {@code shape} is C, H, W; {@code labels} may be null. */
    static ImageSet normalised(String place, int count, int[] shape, Values values, int[] labels) {
        return new ImageSet(place, count, shape, null, values, labels, null);
    }

    /**
     * Images in memory.
     *
     * @param place what to call them in messages
     * @param pixels {@code [count, channels, height, width]}, row-major; not copied
     * @param labels one per image, or null when there are none; not copied
     * @throws IllegalArgumentException if the sizes disagree
     */
    public static ImageSet of(String place, int channels, int height, int width, byte[] pixels, int[] labels) {
        int bytes = Math.multiplyExact(Math.multiplyExact(channels, height), width);
        if (bytes <= 0 || pixels.length == 0 || pixels.length % bytes != 0) {
            throw new IllegalArgumentException(
                    pixels.length + " bytes are no images of " + channels + " x " + height + " x " + width);
        }
        int count = pixels.length / bytes;
        if (labels != null && labels.length != count) {
            throw new IllegalArgumentException(labels.length + " labels for " + count + " images");
        }
        int[] shape = {channels, height, width};
        return raw(place, count, shape, i -> Arrays.copyOfRange(pixels, i * bytes, (i + 1) * bytes), labels, null);
    }

    /** The file or folder, for messages. */
    public String place() {
        return place;
    }

    /** The number of images, at least 1. */
    public int count() {
        return count;
    }

    /** Channels of each image: 1 for grey, 3 for red, green, blue. */
    public int channels() {
        return channels;
    }

    /** Rows of each image. */
    public int height() {
        return height;
    }

    /** Columns of each image. */
    public int width() {
        return width;
    }

    /** Whether values are already normalised floats, so that there are no raw pixels. */
    public boolean normalised() {
        return values != null;
    }

    /** Whether each image has a label. */
    public boolean labelled() {
        return labels != null;
    }

    /**
     * The label of one image, 0 or greater.
     *
     * @throws InvalidInputException if the set has no labels
     */
    public int label(int index) {
        if (labels == null) {
            throw new InvalidInputException(place + ": the images have no labels; " + ImageSets.LABELS);
        }
        checkIndex(index);
        return labels[index];
    }

    /** What to call one image: its file name in a folder, else its index. */
    public String name(int index) {
        checkIndex(index);
        return names == null ? Integer.toString(index) : names.get(index);
    }

    /**
     * The raw pixels of one image, {@code [channels, height, width]}, as unsigned bytes; the caller owns the array.
     *
     * @throws InvalidInputException if the set is normalised, or the image's file turns out to be damaged
     */
    public byte[] image(int index) {
        checkIndex(index);
        if (pixels == null) {
            throw new InvalidInputException(place + ": holds normalised float values, raw pixels are needed here;"
                    + " save them as uint8 of 0 to 255");
        }
        return pixels.image(index);
    }

    /**
     * One image as floats, {@code [channels, height, width]}: raw pixels as 0 to 255, or the normalised values; the
     * caller owns the array.
     *
     * @throws InvalidInputException if the image's file turns out to be damaged, or a value is not finite
     */
    public float[] floats(int index) {
        checkIndex(index);
        if (values != null) {
            return values.image(index);
        }
        byte[] bytes = pixels.image(index);
        float[] floats = new float[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            floats[i] = Byte.toUnsignedInt(bytes[i]);
        }
        return floats;
    }

    /** The first {@code limit} images, or all of them if there are fewer. */
    public ImageSet first(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a set of " + limit + " images");
        }
        int[] shape = {channels, height, width};
        return new ImageSet(place, Math.min(count, limit), shape, pixels, values, labels, names);
    }

    private void checkIndex(int index) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException("image " + index + " of " + count);
        }
    }
}
