package tilewright.model.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import tilewright.model.InvalidInputException;

/**
 * Reads a folder of PNG files, sorted by name, as an image set; pixels are decoded when they are asked for.
 *
 * <p>Labels come from {@code labels.txt} or {@code labels.csv} in the folder ({@link LabelFile}), or from sub-folders,
 * one per class: a sub-folder's label is its name where all names are numbers, else its rank among the sorted names.
 */
final class PngFolder {
    private static final int MAX_IMAGES = 10_000_000;

    private PngFolder() {}

    /** One file as a set of one image, decoded at once. */
    static ImageSet single(Path file) {
        PngChunks.Header header = PngImage.header(file);
        byte[] pixels = PngImage.pixels(file);
        return ImageSet.raw(
                file.toString(),
                1,
                new int[] {header.channels(), header.height(), header.width()},
                i -> pixels.clone(),
                null,
                List.of(file.getFileName().toString()));
    }

    static ImageSet read(Path folder) {
        List<Path> entries = list(folder);
        List<Path> images = pngs(folder, entries);
        List<Path> classes = new ArrayList<>();
        List<Integer> classOfImage = new ArrayList<>();
        List<Path> imagesOfClasses = new ArrayList<>();
        for (Path entry : entries) {
            if (Files.isDirectory(entry) && !entry.getFileName().toString().startsWith(".")) {
                List<Path> inClass = pngs(entry, list(entry));
                if (!inClass.isEmpty()) {
                    inClass.forEach(image -> classOfImage.add(classes.size()));
                    classes.add(entry);
                    imagesOfClasses.addAll(inClass);
                }
            }
        }
        if (images.isEmpty() == classes.isEmpty()) {
            throw new InvalidInputException(folder
                    + (images.isEmpty()
                            ? ": the folder holds no .png files" + dataSet(entries)
                            : ": holds .png files both directly and in sub-folder "
                                    + InvalidInputException.quoted(
                                            classes.getFirst().getFileName().toString())
                                    + "; keep either"));
        }
        if (images.isEmpty()) {
            int[] labelOfClass = labelsOf(classes);
            int[] labels = classOfImage.stream().mapToInt(i -> labelOfClass[i]).toArray();
            return imageSet(folder, imagesOfClasses, labels);
        }
        return imageSet(folder, images, LabelFile.read(folder, fileNames(folder, images)));
    }

    /** Names a file of images that lies in the folder instead, or says what is supported. */
    private static String dataSet(List<Path> entries) {
        return entries.stream()
                .map(Path::toString)
                .filter(name -> name.contains("images-idx3") || name.contains("images.idx3") || name.endsWith(".npz"))
                .findFirst()
                .map(name -> ", but there is " + name + ": give that file")
                .orElse("; " + ImageSets.SUPPORTED);
    }

    private static ImageSet imageSet(Path folder, List<Path> images, int[] labels) {
        if (images.size() > MAX_IMAGES) {
            throw new InvalidInputException(folder + ": more than " + MAX_IMAGES + " images; split the data set");
        }
        PngChunks.Header first = PngImage.header(images.getFirst());
        for (Path image : images) {
            PngChunks.Header header = PngImage.header(image);
            if (header.width() != first.width()
                    || header.height() != first.height()
                    || header.channels() != first.channels()) {
                throw new InvalidInputException(image + ": " + describe(header) + ", but "
                        + images.getFirst().getFileName() + " is " + describe(first)
                        + "; make all images of one size and kind");
            }
        }
        int[] shape = {first.channels(), first.height(), first.width()};
        return ImageSet.raw(
                folder.toString(),
                images.size(),
                shape,
                i -> pixels(images.get(i), shape),
                labels,
                fileNames(folder, images));
    }

    /** Decodes an image whose header was checked when the folder was opened; it may have been replaced since. */
    private static byte[] pixels(Path image, int[] shape) {
        PngChunks.Header header = PngImage.header(image);
        if (header.channels() != shape[0] || header.height() != shape[1] || header.width() != shape[2]) {
            throw new InvalidInputException(image + ": was replaced while the folder was in use; start again");
        }
        return PngImage.pixels(image);
    }

    private static String describe(PngChunks.Header header) {
        return header.width() + " x " + header.height() + (header.channels() == 1 ? " grey" : " colour");
    }

    private static List<String> fileNames(Path folder, List<Path> images) {
        return images.stream().map(image -> folder.relativize(image).toString()).toList();
    }

    private static int[] labelsOf(List<Path> classes) {
        boolean numbered = classes.stream()
                .allMatch(entry -> entry.getFileName().toString().matches("[0-9]{1,9}"));
        int[] labels = new int[classes.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = numbered ? Integer.parseInt(classes.get(i).getFileName().toString()) : i;
        }
        return labels;
    }

    private static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted((a, b) ->
                            a.getFileName().toString().compareTo(b.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw MappedFile.unreadable(folder.toString(), e);
        }
    }

    /** The PNG files among the entries; other image formats are refused so that they are not left out unnoticed. */
    private static List<Path> pngs(Path folder, List<Path> entries) {
        List<Path> images = new ArrayList<>();
        for (Path entry : entries) {
            String name = entry.getFileName().toString().toLowerCase(Locale.ROOT);
            if (!Files.isRegularFile(entry) || name.startsWith(".")) {
                continue;
            }
            if (name.endsWith(".png")) {
                images.add(entry);
            } else if (name.matches(".*\\.(jpe?g|bmp|gif|webp|tiff?|ppm|pgm)")) {
                throw new InvalidInputException(folder + ": holds "
                        + InvalidInputException.quoted(entry.getFileName().toString())
                        + ", only .png images can be read; convert it");
            }
        }
        return images;
    }
}
