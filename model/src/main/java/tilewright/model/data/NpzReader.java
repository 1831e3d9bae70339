package tilewright.model.data;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.DType;

/**
 * Reads image sets from {@code .npz} archives and {@code .npy} files.
 *
 * <p>The array {@code images}, {@code x} or {@code pixel_values} holds uint8 pixels as [N, H, W], [N, C, H, W] or
 * [N, H, W, C] with 1 or 3 channels. Floats are taken as already normalised; they must be called {@code pixel_values}
 * and be [N, C, H, W]. Labels are integers [N] in {@code labels} or {@code y}.
 */
final class NpzReader {
    private static final List<String> IMAGES = List.of("images", "x", "pixel_values");
    private static final List<String> LABELS = List.of("labels", "y");
    private static final String NORMALISED = "pixel_values";
    private static final int MAX_LISTED = 8;

    private NpzReader() {}

    static ImageSet read(Path file) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            String images = only(file, zip, IMAGES);
            if (images == null) {
                throw new InvalidInputException(file + ": holds no array " + String.join(", ", IMAGES) + ", only "
                        + listing(zip) + "; save one with numpy.savez(file, images=..., labels=...)");
            }
            String labels = only(file, zip, LABELS);
            long fileBytes = Files.size(file);
            NpyArray array = array(file, zip, images, fileBytes);
            NpyArray labelArray = labels == null ? null : array(file, zip, labels, fileBytes);
            return imageSet(file.toString(), array, images.equals(NORMALISED), labelArray);
        } catch (IOException | IllegalArgumentException e) {
            throw MappedFile.unreadable(file.toString(), e);
        }
    }

    /** Reads a single array of raw pixels. */
    static ImageSet readArray(Path file) {
        return imageSet(file.toString(), Npy.read(file), false, null);
    }

    /** The one of the names that the archive holds, or null. */
    private static String only(Path file, ZipFile zip, List<String> names) {
        List<String> present = names.stream()
                .filter(name -> zip.getEntry(name + ".npy") != null)
                .toList();
        if (present.size() > 1) {
            throw new InvalidInputException(file + ": holds " + String.join(" and ", present)
                    + ", which mean the same; keep one of these arrays");
        }
        return present.isEmpty() ? null : present.getFirst();
    }

    private static NpyArray array(Path file, ZipFile zip, String name, long fileBytes) throws IOException {
        String place = file + ": array '" + name + "'";
        ZipEntry entry = zip.getEntry(name + ".npy");
        if (entry.getSize() < 0) {
            throw new InvalidInputException(place + ": the archive does not say its size; write it with numpy.savez");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes =
                    MappedFile.unpack(place, in, entry.getSize(), Math.clamp(entry.getCompressedSize(), 0, fileBytes));
            return Npy.parse(place, MemorySegment.ofArray(bytes));
        }
    }

    private static ImageSet imageSet(String place, NpyArray array, boolean mayBeNormalised, NpyArray labelArray) {
        List<Long> shape = array.shape();
        boolean raw = array.dtype() == DType.U8;
        boolean floats = array.dtype().isFloat();
        if (!raw && !(floats && mayBeNormalised)) {
            throw new InvalidInputException(
                    array.place() + ": elements are " + array.dtype().label()
                            + (floats
                                    ? "; save raw pixels as uint8 of 0 to 255, or normalised values as 'pixel_values' in an .npz"
                                    : ", expected uint8 of 0 to 255; convert them with astype('uint8')"));
        }
        boolean channelsLast = raw && shape.size() == 4 && channelsLast(array);
        if (!(shape.size() == 4 || (raw && shape.size() == 3))) {
            throw new InvalidInputException(array.place() + ": has shape " + shape + ", expected "
                    + (raw ? "[N, H, W], [N, C, H, W] or [N, H, W, C]" : "[N, C, H, W]") + "; reshape it");
        }
        long[] sizes = shape.size() == 3
                ? new long[] {1, shape.get(1), shape.get(2)}
                : channelsLast
                        ? new long[] {shape.get(3), shape.get(1), shape.get(2)}
                        : new long[] {shape.get(1), shape.get(2), shape.get(3)};
        long imageElements = array.count() == 0 ? 0 : array.count() / shape.get(0);
        if (imageElements == 0 || shape.get(0) > Integer.MAX_VALUE || imageElements > Integer.MAX_VALUE - 8) {
            throw new InvalidInputException(array.place() + ": has shape " + shape
                    + "; use at least one image of at least one pixel, below 2^31 of each");
        }
        int count = (int) (long) shape.get(0);
        int[] chw = {(int) sizes[0], (int) sizes[1], (int) sizes[2]};
        int[] labels = labelArray == null ? null : labels(labelArray, count);
        if (!raw) {
            return ImageSet.normalised(place, count, chw, i -> finite(array, i, imageElements), labels);
        }
        return ImageSet.raw(
                place,
                count,
                chw,
                i -> {
                    byte[] image = array.elements()
                            .asSlice(i * imageElements, imageElements)
                            .toArray(ValueLayout.JAVA_BYTE);
                    return channelsLast ? channelsFirst(image, chw[0]) : image;
                },
                labels,
                null);
    }

    /** Tells [N, H, W, C] from [N, C, H, W]: channels are 1 or 3, and only one axis may look so. */
    private static boolean channelsLast(NpyArray array) {
        boolean first = isChannels(array.shape().get(1));
        boolean last = isChannels(array.shape().get(3));
        if (first == last) {
            throw new InvalidInputException(array.place() + ": has shape " + array.shape() + ", of which "
                    + (first ? "both axis 1 and axis 3" : "neither axis 1 nor axis 3")
                    + " can be the channels (1 or 3); save grey images as [N, H, W], colour images as [N, 3, H, W]");
        }
        return last;
    }

    private static boolean isChannels(long extent) {
        return extent == 1 || extent == 3;
    }

    private static byte[] channelsFirst(byte[] interleaved, int channels) {
        int plane = interleaved.length / channels;
        byte[] planar = new byte[interleaved.length];
        for (int i = 0; i < interleaved.length; i++) {
            planar[i % channels * plane + i / channels] = interleaved[i];
        }
        return planar;
    }

    private static float[] finite(NpyArray array, int image, long elements) {
        float[] values = array.floats(image * elements, elements);
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new InvalidInputException(array.place() + ": element " + i + " of image " + image + " is "
                        + values[i] + "; save finite values");
            }
        }
        return values;
    }

    private static int[] labels(NpyArray array, int count) {
        if (!array.shape().equals(List.of((long) count))) {
            throw new InvalidInputException(array.place() + ": has shape " + array.shape() + ", expected [" + count
                    + "], one per image; use the labels of the same set");
        }
        int[] labels = array.ints();
        for (int i = 0; i < count; i++) {
            if (labels[i] < 0) {
                throw new InvalidInputException(
                        array.place() + ": label " + i + " is " + labels[i] + ", expected 0 or greater; renumber them");
            }
        }
        return labels;
    }

    private static String listing(ZipFile zip) {
        List<String> names = new ArrayList<>();
        zip.stream().limit(MAX_LISTED + 1L).forEach(entry -> names.add(InvalidInputException.quoted(entry.getName())));
        if (names.isEmpty()) {
            return "nothing";
        }
        return names.stream().limit(MAX_LISTED).collect(Collectors.joining(", "))
                + (names.size() > MAX_LISTED ? ", ..." : "");
    }
}
