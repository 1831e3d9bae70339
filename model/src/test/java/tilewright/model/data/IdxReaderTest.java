package tilewright.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.InvalidInputException;

class IdxReaderTest {
    private static final byte[] IMAGES = IdxBytes.file(8, new int[] {3, 2, 5}, 30);
    private static final byte[] LABELS = IdxBytes.file(8, new int[] {3}, 3);

    @TempDir
    Path folder;

    @Test
    void imagesComeAsTheBytesBehindTheHeader() throws IOException {
        ImageSet set = ImageSets.open(Files.write(folder.resolve("digits"), IMAGES));
        assertEquals(3, set.count());
        assertEquals(1, set.channels());
        assertEquals(2, set.height());
        assertEquals(5, set.width());
        assertFalse(set.labelled());
        assertFalse(set.normalised());
        assertArrayEquals(new byte[] {20, 21, 22, 23, 24, 25, 26, 27, 28, 29}, set.image(2));
        assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, set.floats(0));
        assertEquals("2", set.name(2));
        assertThrows(IndexOutOfBoundsException.class, () -> set.image(3));
    }

    @Test
    void bytesAboveHalfOfTheRangeAreNotNegative() throws IOException {
        byte[] file = IdxBytes.file(8, new int[] {1, 16, 16}, 256);
        assertEquals(255, ImageSets.open(Files.write(folder.resolve("a"), file)).floats(0)[255]);
    }

    @ParameterizedTest
    @CsvSource({
        "images-idx3-ubyte, labels-idx1-ubyte, false, false",
        "test512-images-idx3-ubyte, test512-labels-idx1-ubyte, false, false",
        "t10k-images.idx3-ubyte, t10k-labels.idx1-ubyte, false, false",
        "images-idx3-ubyte.gz, labels-idx1-ubyte.gz, true, true",
        "images-idx3-ubyte.gz, labels-idx1-ubyte, true, false",
        "images-idx3-ubyte, labels-idx1-ubyte.gz, false, true",
    })
    void labelsAreFoundBesideTheImagesPackedOrNot(String images, String labels, boolean packImages, boolean packLabels)
            throws IOException {
        Path file = Files.write(folder.resolve(images), packImages ? IdxBytes.gzipped(IMAGES) : IMAGES);
        Files.write(folder.resolve(labels), packLabels ? IdxBytes.gzipped(LABELS) : LABELS);
        ImageSet set = ImageSets.open(file);
        assertTrue(set.labelled());
        assertEquals(2, set.label(2));
        assertArrayEquals(new byte[] {10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, set.image(1));
    }

    @Test
    void theFirstImagesKeepTheirLabels() throws IOException {
        Path file = Files.write(folder.resolve("images-idx3-ubyte"), IMAGES);
        Files.write(folder.resolve("labels-idx1-ubyte"), LABELS);
        ImageSet first = ImageSets.open(file).first(2);
        assertEquals(2, first.count());
        assertEquals(1, first.label(1));
        assertThrows(IndexOutOfBoundsException.class, () -> first.label(2));
        assertEquals(3, ImageSets.open(file).first(100).count());
    }

    @Test
    void askingForLabelsThatAreNotThereSaysWhereToPutThem() throws IOException {
        Path file = Files.write(folder.resolve("images-idx3-ubyte"), IMAGES);
        var error = assertThrows(
                InvalidInputException.class, () -> ImageSets.open(file).label(0));
        assertEquals(
                file + ": the images have no labels; put labels-idx1 beside an idx file, 'labels' into an .npz,"
                        + " labels.txt into a folder",
                error.getMessage());
    }
}
