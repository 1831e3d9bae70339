package tilewright.model.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import tilewright.model.InvalidInputException;

/** Opens image data sets of every supported kind. */
public final class ImageSets {
    static final String SUPPORTED = "supported are idx files (also .gz), .npz, .npy, .png and folders of .png files";
    static final String LABELS = "put labels-idx1 beside an idx file, 'labels' into an .npz, labels.txt into a folder";

    private ImageSets() {}

    /**
     * Opens a data set, chosen by content: an idx file (its labels beside it), an {@code .npz} or {@code .npy} file, a
     * folder of PNG files, or one PNG file as a set of one.
     *
     * @throws InvalidInputException if there is nothing, it is of another kind, or it is damaged
     */
    public static ImageSet open(Path path) {
        if (Files.isDirectory(path)) {
            return PngFolder.read(path);
        }
        if (!Files.exists(path)) {
            throw new InvalidInputException(path + ": there is no such file or folder; " + SUPPORTED);
        }
        if (!Files.isRegularFile(path)) {
            throw new InvalidInputException(path + ": not a regular file; " + SUPPORTED);
        }
        byte[] start = start(path);
        if (startsWith(start, 0x89, 'P', 'N', 'G')) {
            return PngFolder.single(path);
        }
        if (startsWith(start, 'P', 'K')) {
            return NpzReader.read(path);
        }
        if (startsWith(start, 0x93, 'N', 'U', 'M', 'P', 'Y')) {
            return NpzReader.readArray(path);
        }
        if (startsWith(start, 0, 0) || startsWith(start, 0x1f, 0x8b)) {
            return IdxReader.read(path);
        }
        throw new InvalidInputException(path + ": neither idx nor .npz nor PNG (it starts with "
                + HexFormat.of().withDelimiter(" ").formatHex(start, 0, Math.min(4, start.length)) + "); "
                + SUPPORTED);
    }

    private static byte[] start(Path path) {
        try (var in = Files.newInputStream(path)) {
            return in.readNBytes(8);
        } catch (IOException e) {
            throw new InvalidInputException(path + ": cannot be read (" + InvalidInputException.reason(e) + ")", e);
        }
    }

    private static boolean startsWith(byte[] bytes, int... expected) {
        if (bytes.length < expected.length) {
            return false;
        }
        byte[] wanted = new byte[expected.length];
        for (int i = 0; i < expected.length; i++) {
            wanted[i] = (byte) expected[i];
        }
        return Arrays.equals(bytes, 0, wanted.length, wanted, 0, wanted.length);
    }
}
