package tilewright.model.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static tilewright.model.data.ArchiveBytes.npy;
import static tilewright.model.data.ArchiveBytes.npz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.InvalidInputException;

/** Damaged idx, npy and npz files: what is in them, and the exact message behind the file's name. */
class DataDamageTest {
    private static final String AGAIN = "; the file is damaged, fetch it again";
    private static final String SUPPORTED =
            "; supported are idx files (also .gz), .npz, .npy, .png and folders of .png files";

    @TempDir
    Path folder;

    private static Arguments damage(String what, byte[] bytes, String message) {
        return Arguments.of(what, bytes, message);
    }

    private static byte[] idx(int type, int dataBytes, int... extents) {
        return IdxBytes.file(type, extents, dataBytes);
    }

    private static byte[] images(String descr, String shape, int dataBytes) {
        return npz("images.npy", npy(descr, shape, dataBytes));
    }

    static Stream<Arguments> damagedIdxFiles() {
        return Stream.of(
                damage("empty", new byte[0], ": neither idx nor .npz nor PNG (it starts with )" + SUPPORTED),
                damage(
                        "text",
                        "hello".getBytes(StandardCharsets.US_ASCII),
                        ": neither idx nor .npz nor PNG (it starts with 68 65 6c 6c)" + SUPPORTED),
                damage(
                        "cut in the magic",
                        new byte[3],
                        ": ends within its header; the file was cut short, fetch it again"),
                damage(
                        "cut in the extents",
                        Arrays.copyOf(idx(8, 0, 1, 1, 1), 15),
                        ": ends within its header; the file was cut short, fetch it again"),
                damage(
                        "floats",
                        idx(0x0d, 4, 1, 1, 1),
                        ": idx element type 13, expected 8 (unsigned byte);"
                                + " convert the file to unsigned bytes of 0 to 255"),
                damage(
                        "labels in place of images",
                        idx(8, 3, 3),
                        ": idx file with 1 dimensions [3], expected 3 (count, rows, columns);"
                                + " these are labels, give the file of the images"),
                damage(
                        "four dimensions",
                        idx(8, 1, 1, 1, 1, 1),
                        ": idx file with 4 dimensions [1, 1, 1, 1], expected 3 (count, rows, columns)"),
                damage(
                        "two hundred dimensions",
                        new byte[] {0, 0, 8, (byte) 200, 0, 0, 0, 0},
                        ": idx file with 200 dimensions, expected 3 (count, rows, columns)" + AGAIN),
                damage(
                        "an extent above 2^31",
                        idx(8, 0, -1, 1, 1),
                        ": extent 4294967295 of dimension 0 exceeds the limit of 2147483647" + AGAIN),
                damage(
                        "a product above 2^63",
                        idx(8, 0, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE),
                        ": extents [2147483647, 2147483647, 2147483647] exceed 64 bits" + AGAIN),
                damage(
                        "cut short",
                        idx(8, 7, 2, 2, 2),
                        ": extents [2, 2, 2] take 8 bytes, but 7 follow the header" + AGAIN),
                damage(
                        "too long",
                        idx(8, 9, 2, 2, 2),
                        ": extents [2, 2, 2] take 8 bytes, but 9 follow the header" + AGAIN),
                damage(
                        "no images",
                        idx(8, 0, 0, 28, 28),
                        ": 0 images of 28 x 28 pixels; use a file with at least one image of at least one pixel,"
                                + " below 2^31"),
                damage(
                        "a packed bomb",
                        IdxBytes.gzipped(idx(8, 0, 60_000, 100, 100)),
                        ": claims 600000000 bytes, but its 33 packed bytes cannot hold so many" + AGAIN),
                damage(
                        "packed and cut short",
                        IdxBytes.gzipped(idx(8, 7, 2, 2, 2)),
                        ": holds 7 bytes, expected 8; the file was cut short, fetch it again"),
                damage(
                        "packed and too long",
                        IdxBytes.gzipped(idx(8, 9, 2, 2, 2)),
                        ": holds more than the expected 8 bytes" + AGAIN),
                damage(
                        "packed text",
                        IdxBytes.gzipped("hello".getBytes(StandardCharsets.US_ASCII)),
                        ": starts with byte 104, expected an idx file, which starts with 0 0" + SUPPORTED),
                damage(
                        "a gzip header only",
                        new byte[] {0x1f, (byte) 0x8b, 8},
                        ": cannot be read (EOFException); the file is damaged or not accessible"));
    }

    static Stream<Arguments> damagedArrays() {
        return Stream.of(
                damage(
                        "no archive",
                        "PK\3\4 and nothing".getBytes(StandardCharsets.US_ASCII),
                        ": cannot be read (zip END header not found); the file is damaged or not accessible"),
                damage(
                        "other names",
                        npz("a.npy", new byte[1], "b.txt", new byte[1]),
                        ": holds no array images, x, pixel_values, only 'a.npy', 'b.txt';"
                                + " save one with numpy.savez(file, images=..., labels=...)"),
                damage(
                        "two arrays of images",
                        npz("images.npy", new byte[1], "x.npy", new byte[1]),
                        ": holds images and x, which mean the same; keep one of these arrays"),
                damage(
                        "a bomb",
                        npz("images.npy", npy("|u1", "(1, 20000, 20000)", 0)),
                        ": array 'images': shape [1, 20000, 20000] of U8 takes 400000000 bytes, but 0 follow the header"
                                + AGAIN),
                damage(
                        "not an array",
                        npz("images.npy", new byte[20]),
                        ": array 'images': does not start with an .npy header; save the array with numpy.save"),
                damage(
                        "objects",
                        images("|O", "(1, 1, 1)", 1),
                        ": array 'images': element type '|O', expected one of <f8, <f4, <f2, <i8, <i4, <i2, |i1, |u1,"
                                + " |b1; convert it with astype"),
                damage(
                        "big-endian",
                        images(">f4", "(1, 1, 1)", 4),
                        ": array 'images': element type '>f4', expected one of <f8, <f4, <f2, <i8, <i4, <i2, |i1, |u1,"
                                + " |b1; convert it with astype"),
                damage(
                        "wide integers",
                        images("<i8", "(1, 1, 1)", 8),
                        ": array 'images': elements are I64, expected uint8 of 0 to 255;"
                                + " convert them with astype('uint8')"),
                damage(
                        "floats as images",
                        images("<f4", "(1, 1, 1, 1)", 4),
                        ": array 'images': elements are F32; save raw pixels as uint8 of 0 to 255,"
                                + " or normalised values as 'pixel_values' in an .npz"),
                damage(
                        "three axes of normalised values",
                        npz("pixel_values.npy", npy("<f4", "(1, 1, 1)", 4)),
                        ": array 'pixel_values': has shape [1, 1, 1], expected [N, C, H, W]; reshape it"),
                damage(
                        "two axes",
                        images("|u1", "(2, 2)", 4),
                        ": array 'images': has shape [2, 2], expected [N, H, W], [N, C, H, W] or [N, H, W, C];"
                                + " reshape it"),
                damage(
                        "ambiguous channels",
                        images("|u1", "(1, 3, 2, 3)", 18),
                        ": array 'images': has shape [1, 3, 2, 3], of which both axis 1 and axis 3 can be the channels"
                                + " (1 or 3); save grey images as [N, H, W], colour images as [N, 3, H, W]"),
                damage(
                        "no channels",
                        images("|u1", "(1, 4, 2, 4)", 32),
                        ": array 'images': has shape [1, 4, 2, 4], of which neither axis 1 nor axis 3 can be the"
                                + " channels (1 or 3); save grey images as [N, H, W], colour images as [N, 3, H, W]"),
                damage(
                        "no images",
                        images("|u1", "(0, 2, 2)", 0),
                        ": array 'images': has shape [0, 2, 2]; use at least one image of at least one pixel,"
                                + " below 2^31 of each"),
                damage(
                        "a shape above 2^63",
                        images("<f8", "(4294967296, 4294967296, 1)", 0),
                        ": array 'images': shape [4294967296, 4294967296, 1] exceeds 64 bits" + AGAIN),
                damage(
                        "a negative extent",
                        images("|u1", "(-1, 1, 1)", 1),
                        ": array 'images': .npy header '{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 1, 1),"
                                + " }' is not a dictionary of descr, fortran_order and shape;"
                                + " save the array with numpy.save"),
                damage(
                        "a number in place of a tuple",
                        images("|u1", "(1)", 1),
                        ": array 'images': '(1)' is not a shape of at most 64 extents" + AGAIN),
                damage(
                        "a version of the future",
                        withByte(npy("|u1", "(1, 1, 1)", 1), 6, 9),
                        ": .npy version 9, expected 1 to 3; save the array with numpy.save"),
                damage(
                        "a header beyond the file",
                        withByte(npy("|u1", "(1, 1, 1)", 1), 9, 1),
                        ": .npy header of 319 bytes exceeds the file" + AGAIN),
                damage(
                        "a header above the limit",
                        npy(" ".repeat(10_001), 0),
                        ": .npy header of 10001 bytes exceeds the limit of 10000" + AGAIN),
                damage(
                        "code in the header",
                        npy("{'descr': __import__('os'), 'fortran_order': False, 'shape': ()}", 0),
                        ": .npy header '{'descr': __import__('os'), 'fortran_order': False, 'shape': ()}' is not a"
                                + " dictionary of descr, fortran_order and shape; save the array with numpy.save"),
                damage(
                        "a member twice",
                        npy("{'descr': '|u1', 'descr': '|u1', 'shape': (1,), }", 1),
                        ": .npy header '{'descr': '|u1', 'descr': '|u1', 'shape': (1,), }' is not a dictionary of"
                                + " descr, fortran_order and shape; save the array with numpy.save"),
                damage(
                        "too few labels",
                        npz("x.npy", npy("|u1", "(2, 1, 1)", 2), "y.npy", npy("<i4", "(1,)", 4)),
                        ": array 'y': has shape [1], expected [2], one per image; use the labels of the same set"),
                damage(
                        "labels that are floats",
                        npz("x.npy", npy("|u1", "(1, 1, 1)", 1), "y.npy", npy("<f4", "(1,)", 4)),
                        ": array 'y': elements are F32, expected integers; save with astype('int64')"),
                damage(
                        "a label beyond 32 bits",
                        npz("x.npy", npy("|u1", "(1, 1, 1)", 1), "y.npy", npy("<i8", "(1,)", 8)),
                        ": array 'y': element 0 is 506097522914230528, which exceeds 32 bits;"
                                + " save values from -2147483648 to 2147483647"),
                damage(
                        "a negative label",
                        npz("x.npy", npy("|u1", "(1, 1, 1)", 1), "y.npy", withByte(npy("|i1", "(1,)", 1), -1, 0xff)),
                        ": array 'y': label 0 is -1, expected 0 or greater; renumber them"));
    }

    /** The bytes with one changed; a negative position counts from the end. */
    private static byte[] withByte(byte[] bytes, int position, int value) {
        bytes[Math.floorMod(position, bytes.length)] = (byte) value;
        return bytes;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"damagedIdxFiles", "damagedArrays"})
    void aDamagedFileIsRefusedInOneLine(String what, byte[] bytes, String message) throws IOException {
        Path file = Files.write(folder.resolve("data"), bytes);
        var error = assertThrows(InvalidInputException.class, () -> ImageSets.open(file));
        assertEquals(file + message, error.getMessage());
    }

    @Test
    void anArchiveWhoseSizesWereForgedIsRefusedBeforeMemoryIsTaken() throws IOException {
        byte[] archive = images("|u1", "(1, 1, 1)", 1);
        // The uncompressed size in the central directory, 24 bytes behind its signature.
        int directory = new String(archive, StandardCharsets.ISO_8859_1).indexOf("PK\1\2");
        archive[directory + 27] = 0x70;
        Path file = Files.write(folder.resolve("forged.npz"), archive);
        var error = assertThrows(InvalidInputException.class, () -> ImageSets.open(file));
        assertEquals(true, error.getMessage().startsWith(file + ": array 'images': claims 18790"), error.getMessage());
    }

    @Test
    void labelsOfAnotherSetAreRefused() throws IOException {
        Path images = Files.write(folder.resolve("images-idx3-ubyte"), idx(8, 2, 2, 1, 1));
        Path labels = Files.write(folder.resolve("labels-idx1-ubyte"), idx(8, 3, 3));
        var error = assertThrows(InvalidInputException.class, () -> ImageSets.open(images));
        assertEquals(
                labels
                        + ": labels of extents [3], but images-idx3-ubyte holds 2 images; use the labels of the same set",
                error.getMessage());
    }

    @Test
    void aMissingPathIsNamed() {
        Path none = folder.resolve("none");
        var error = assertThrows(InvalidInputException.class, () -> ImageSets.open(none));
        assertEquals(none + ": there is no such file or folder" + SUPPORTED, error.getMessage());
    }

    @Test
    void normalisedValuesThatAreNotFiniteAreNamedWhenRead() throws IOException {
        byte[] array = npy("<f4", "(1, 1, 1, 2)", 8);
        withByte(withByte(array, -1, 0x7f), -2, 0xc0);
        Path file = Files.write(folder.resolve("a.npz"), npz("pixel_values.npy", array));
        ImageSet set = ImageSets.open(file);
        var error = assertThrows(InvalidInputException.class, () -> set.floats(0));
        assertEquals(
                file + ": array 'pixel_values': element 1 of image 0 is NaN; save finite values", error.getMessage());
    }
}
