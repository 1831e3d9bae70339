package tilewright.model.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.model.InvalidInputException;

/** Folders that appear when they are complete. */
class AtomicFolderTest {
    @TempDir
    Path folder;

    private List<String> content() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.skip(1)
                    .map(path -> folder.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    private static void fill(Path in) throws IOException {
        Files.createDirectory(in.resolve("deeper"));
        Files.writeString(in.resolve("deeper/a"), "a");
    }

    private static void fail(Path in) throws IOException {
        fill(in);
        throw new IOException("No space left on device");
    }

    @Test
    void aFolderAppearsWithAllThatItHolds() throws IOException {
        AtomicFolder.create(folder.resolve("new/one"), AtomicFolderTest::fill);

        assertEquals(List.of("new", "new/one", "new/one/deeper", "new/one/deeper/a"), content());
    }

    @Test
    void anEmptyFolderIsFilled() throws IOException {
        Files.createDirectory(folder.resolve("one"));

        AtomicFolder.create(folder.resolve("one"), AtomicFolderTest::fill);

        assertEquals(List.of("one", "one/deeper", "one/deeper/a"), content());
    }

    @Test
    void nothingIsLeftOfAFolderThatCouldNotBeWritten() throws IOException {
        assertThrows(IOException.class, () -> AtomicFolder.create(folder.resolve("one"), AtomicFolderTest::fail));

        assertEquals(List.of(), content());
    }

    @Test
    void whatIsThereStays() throws IOException {
        Files.createDirectory(folder.resolve("one"));
        Files.writeString(folder.resolve("one/mine"), "mine");
        Files.writeString(folder.resolve("file"), "mine");

        assertEquals(
                folder.resolve("one") + ": the folder is not empty; give a new one",
                assertThrows(
                                InvalidInputException.class,
                                () -> AtomicFolder.create(folder.resolve("one"), AtomicFolderTest::fill))
                        .getMessage());
        assertThrows(
                FileAlreadyExistsException.class,
                () -> AtomicFolder.create(folder.resolve("file"), AtomicFolderTest::fill));
        assertEquals(List.of("file", "one", "one/mine"), content());
    }
}
