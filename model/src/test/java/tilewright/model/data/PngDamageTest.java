package tilewright.model.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static tilewright.model.data.PngBytes.bytes;
import static tilewright.model.data.PngBytes.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.InvalidInputException;

/** Damaged PNG files, folders and label files, with exact messages. */
class PngDamageTest {
    private static final String AGAIN = "; the image is damaged, save it again";

    @TempDir
    Path temporary;

    private static byte[] valid() {
        return image(2, 1, 8, 0, 0, 1, 2);
    }

    static Stream<Arguments> damagedImages() {
        byte[] flipped = valid();
        flipped[30] ^= 1;
        byte[] badData = new PngBytes()
                .header(2, 1, 8, 0, 0)
                .chunk("IDAT", bytes(1, 2, 3, 4))
                .end();
        return Stream.of(
                Arguments.of(
                        "cut in the header",
                        Arrays.copyOf(valid(), 20),
                        ": ends within its header; the file was cut short, fetch it again"),
                Arguments.of(
                        "another first chunk",
                        new PngBytes().chunk("tEXt", new byte[30]).end(),
                        ": does not begin with its header" + AGAIN),
                Arguments.of(
                        "no pixels",
                        image(0, 1, 8, 0),
                        ": 0 x 1 pixels, expected 1 to 16384 each way; resize the image to the model's size"),
                Arguments.of(
                        "absurd size",
                        image(-1, 1, 8, 0),
                        ": 4294967295 x 1 pixels, expected 1 to 16384 each way; resize the image to the model's size"),
                Arguments.of(
                        "too many pixels",
                        image(16384, 16384, 8, 0),
                        ": 16384 x 16384 pixels, expected at most 67108864 in all;"
                                + " resize the image to the model's size"),
                Arguments.of(
                        "unknown colour type",
                        image(1, 1, 8, 5),
                        ": header has colour type 5, depth 8, compression 0, filter 0, interlace 0" + AGAIN),
                Arguments.of(
                        "unknown depth",
                        image(1, 1, 3, 0),
                        ": header has colour type 0, depth 3, compression 0, filter 0, interlace 0" + AGAIN),
                Arguments.of(
                        "16 bits", image(1, 1, 16, 0, 0, 1, 2), ": 16 bits per sample; save it with 8 bits per sample"),
                Arguments.of("a wrong checksum", flipped, ": chunk 'IHDR' at byte 8 has a wrong checksum" + AGAIN),
                Arguments.of(
                        "cut in the data", Arrays.copyOf(valid(), 45), ": was cut short or damaged at byte 33" + AGAIN),
                Arguments.of(
                        "no end",
                        new PngBytes().header(2, 1, 8, 0, 0).data(0, 1, 2).soFar(),
                        ": was cut short or damaged at byte 56" + AGAIN),
                Arguments.of(
                        "no data",
                        new PngBytes().header(2, 1, 8, 0, 0).end(),
                        ": holds 0 bytes of pixels, expected 3" + AGAIN),
                Arguments.of(
                        "too few rows", image(2, 2, 8, 0, 0, 1, 2), ": holds 3 bytes of pixels, expected 6" + AGAIN),
                Arguments.of(
                        "too many rows",
                        image(2, 1, 8, 0, 0, 1, 2, 0, 1, 2),
                        ": holds more than 3 bytes of pixels, expected 3" + AGAIN),
                Arguments.of(
                        "data that are not packed",
                        badData,
                        ": pixels cannot be unpacked (incorrect header check)" + AGAIN),
                Arguments.of(
                        "an unknown chunk that decoders must know",
                        new PngBytes()
                                .header(2, 1, 8, 0, 0)
                                .chunk("NEWC", new byte[0])
                                .data(0, 1, 2)
                                .end(),
                        ": has the unknown chunk 'NEWC'" + AGAIN),
                Arguments.of(
                        "two headers",
                        new PngBytes()
                                .header(2, 1, 8, 0, 0)
                                .header(9, 9, 8, 0, 0)
                                .data(0, 1, 2)
                                .end(),
                        ": has a second chunk 'IHDR' at byte 33" + AGAIN),
                Arguments.of(
                        "transparency",
                        image(2, 1, 8, 4, 0, 9, 255, 9, 254),
                        ": pixel (1, 0) is not opaque; save the image without transparency"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damagedImages")
    void aDamagedImageIsRefusedInOneLine(String what, byte[] png, String message) throws IOException {
        Path file = Files.write(temporary.resolve("a.png"), png);
        var error = assertThrows(InvalidInputException.class, () -> ImageSets.open(file));
        assertEquals(file + message, error.getMessage());
    }

    @Test
    void aFilterThatDoesNotExistIsRefused() throws IOException {
        Path file = Files.write(temporary.resolve("a.png"), image(2, 1, 8, 0, 9, 1, 2));
        var error = assertThrows(InvalidInputException.class, () -> ImageSets.open(file));
        assertEquals(true, error.getMessage().startsWith(file + ": cannot be read ("), error.getMessage());
    }

    @Test
    void aPaletteIndexBeyondThePaletteIsRefused() throws IOException {
        byte[] png = new PngBytes()
                .header(1, 1, 8, 3, 0)
                .chunk("PLTE", bytes(1, 2, 3))
                .data(0, 200)
                .end();
        Path file = Files.write(temporary.resolve("a.png"), png);
        var error = assertThrows(InvalidInputException.class, () -> ImageSets.open(file));
        assertEquals(
                file + ": pixel (0, 0) has colour 200 of a palette of 1; the image is damaged, save it again",
                error.getMessage());
    }

    private Path folder(String... names) throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("set"));
        for (String name : names) {
            Files.createDirectories(folder.resolve(name).getParent());
            Files.write(folder.resolve(name), valid());
        }
        return folder;
    }

    private static void expect(Path folder, String message) {
        var error = assertThrows(InvalidInputException.class, () -> ImageSets.open(folder));
        assertEquals(folder + message, error.getMessage());
    }

    @Test
    void aFolderWithoutImagesIsRefused() throws IOException {
        expect(
                folder(),
                ": the folder holds no .png files; supported are idx files (also .gz), .npz, .npy, .png and folders of"
                        + " .png files");
    }

    @Test
    void imagesBesideSubfoldersAreRefused() throws IOException {
        expect(
                folder("a.png", "class/b.png"),
                ": holds .png files both directly and in sub-folder 'class'; keep either");
    }

    @Test
    void imagesOfAnotherFormatAreNotLeftOutUnnoticed() throws IOException {
        expect(folder("a.png", "b.JPG"), ": holds 'b.JPG', only .png images can be read; convert it");
    }

    @Test
    void imagesOfDifferentSizesAreRefused() throws IOException {
        Path folder = folder("a.png");
        Files.write(folder.resolve("b.png"), image(1, 1, 8, 2, 0, 1, 2, 3));
        expect(folder, "/b.png: 1 x 1 colour, but a.png is 2 x 1 grey; make all images of one size and kind");
    }

    @Test
    void twoLabelFilesAreRefused() throws IOException {
        Path folder = folder("a.png");
        Files.writeString(folder.resolve("labels.txt"), "1");
        Files.writeString(folder.resolve("labels.csv"), "1");
        expect(folder, ": holds both labels.txt and labels.csv; keep one of them");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1;2;3 | :1: there is no image '1;2'; remove the line or add the image",
                "1#2#3 | :3: more labels than the 2 images; remove the surplus ones",
                "1 | : image 'b.png' has no label (1 labels for 2 images); add it",
                "`` | : image 'a.png' has no label (0 labels for 2 images); add it",
                "cat#dog | :1: 'cat' is neither a label nor a file name and a label; labels are integers from 0",
                "-1#2 | :1: '-1' is neither a label nor a file name and a label; labels are integers from 0",
                "9999999999#2 | :1: '9999999999' is neither a label nor a file name and a label; labels are integers from 0",
                "a.png,1#2 | :2: '2' has no file name, unlike the lines before; write all lines alike",
                "1#b.png,2 | :2: 'b.png,2' has a file name, unlike the lines before; write all lines alike",
                "a.png,1#a.png,2 | :2: image 'a.png' has a label already; remove one of the lines",
                "a.png,1#c.png,2 | :2: there is no image 'c.png'; remove the line or add the image",
            })
    void aDamagedLabelFileIsRefusedInOneLine(String text, String message) throws IOException {
        Path folder = folder("a.png", "b.png");
        Files.writeString(folder.resolve("labels.txt"), text.replace('#', '\n'));
        expect(folder, "/labels.txt" + message);
    }

    @Test
    void labelsThatAreNoTextAreRefused() throws IOException {
        Path folder = folder("a.png");
        Files.write(folder.resolve("labels.txt"), bytes(0xff, 0xfe));
        expect(folder, "/labels.txt: not valid UTF-8; save it as plain text");
    }
}
