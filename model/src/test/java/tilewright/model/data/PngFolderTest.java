package tilewright.model.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PngFolderTest {
    @TempDir
    Path folder;

    private void grey(String name, int value) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, PngBytes.image(1, 1, 8, 0, 0, value));
    }

    private static int[] labels(ImageSet set) {
        return IntStream.range(0, set.count()).map(set::label).toArray();
    }

    @Test
    void imagesAreSortedByNameAndOtherFilesSkipped() throws IOException {
        grey("b.png", 2);
        grey("a.PNG", 1);
        grey(".hidden.png", 9);
        Files.writeString(folder.resolve("README.md"), "");
        ImageSet set = ImageSets.open(folder);
        assertEquals(2, set.count());
        assertEquals("a.PNG", set.name(0));
        assertArrayEquals(new byte[] {2}, set.image(1));
        assertFalse(set.labelled());
    }

    @Test
    void aListOfLabelsFollowsTheSortedNames() throws IOException {
        grey("b.png", 2);
        grey("a.png", 1);
        Files.writeString(folder.resolve("labels.txt"), "7\n\n3\n");
        assertArrayEquals(new int[] {7, 3}, labels(ImageSets.open(folder)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name,label\nb b.png,3\na.png,7\n",
                "a.png;7\r\nb b.png; 3\r\n",
                "b b.png\t3\na.png\t7",
                "a.png 7\nb b.png 3"
            })
    void aTableOfNamesAndLabelsMayBeInAnyOrder(String table) throws IOException {
        grey("b b.png", 2);
        grey("a.png", 1);
        Files.writeString(folder.resolve("labels.csv"), table);
        assertArrayEquals(new int[] {7, 3}, labels(ImageSets.open(folder)));
    }

    @Test
    void subfoldersWithNumbersGiveTheirNumberAsLabel() throws IOException {
        grey("10/x.png", 1);
        grey("9/x.png", 2);
        grey("9/y.png", 3);
        ImageSet set = ImageSets.open(folder);
        assertArrayEquals(new int[] {10, 9, 9}, labels(set));
        assertEquals(Path.of("9", "y.png").toString(), set.name(2));
        assertArrayEquals(new byte[] {3}, set.image(2));
    }

    @Test
    void subfoldersWithNamesGiveTheirRankAsLabel() throws IOException {
        grey("dog/x.png", 1);
        grey("cat/x.png", 2);
        Files.createDirectory(folder.resolve("ant"));
        assertArrayEquals(new int[] {0, 1}, labels(ImageSets.open(folder)));
    }
}
