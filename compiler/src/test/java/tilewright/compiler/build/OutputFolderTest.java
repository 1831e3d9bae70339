package tilewright.compiler.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.compiler.CompileException;

/** Folders that appear whole or not at all. */
class OutputFolderTest {
    @TempDir
    Path folder;

    private static void write(Path folder, String name, String text) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.writeString(folder.resolve(name), text);
    }

    private long entries() throws IOException {
        try (Stream<Path> content = Files.list(folder)) {
            return content.count();
        }
    }

    @Test
    void nothingIsThereBeforeItIsPublishedAndAllOfItAfterwards() throws IOException {
        Path target = folder.resolve("out");
        try (OutputFolder output = new OutputFolder(target, false)) {
            write(output.partial(), "a/b.txt", "b");
            assertFalse(Files.exists(target));
            output.publish();
        }

        assertEquals("b", Files.readString(target.resolve("a/b.txt")));
        assertEquals(1, entries());
    }

    @Test
    void whatIsNotPublishedDisappears() throws IOException {
        try (OutputFolder output = new OutputFolder(folder.resolve("out"), false)) {
            write(output.partial(), "a/b.txt", "b");
        }

        assertEquals(0, entries());
    }

    @Test
    void whatAKilledRunLeftDoesNotGetIntoTheBuild() throws IOException {
        Path target = folder.resolve("out");
        Path left;
        try (OutputFolder output = new OutputFolder(target, false)) {
            left = output.partial();
        }
        write(left, "stale.txt", "of a killed run with the same process number");
        write(left.resolveSibling(left.getFileName() + ".old"), "stale.txt", "likewise");
        write(target, "build.json", "{}");

        try (OutputFolder output = new OutputFolder(target, true)) {
            write(output.partial(), "new.txt", "new");
            output.publish();
        }

        assertEquals(Map.of("new.txt", "new"), Map.of("new.txt", Files.readString(target.resolve("new.txt"))));
        assertEquals(1, Builds.contents(target).size());
        assertEquals(1, entries());
    }

    @Test
    void anEarlierBuildIsPutBackWhenTheNewOneCannotBeMoved() throws IOException {
        Path target = folder.resolve("out");
        write(target, "build.json", "{}");
        try (OutputFolder output = new OutputFolder(target, true)) {
            Files.delete(output.partial());

            assertEquals(
                    target + ": the finished build cannot be moved there",
                    assertThrows(UncheckedIOException.class, output::publish).getMessage());
        }

        assertEquals("{}", Files.readString(target.resolve("build.json")));
        assertEquals(1, entries());
    }

    @Test
    void aFolderBelowAFileIsRefused() throws IOException {
        write(folder, "file", "text");
        Path target = folder.resolve("file").resolve("out");

        String message = assertThrows(CompileException.class, () -> new OutputFolder(target, false))
                .getMessage();

        assertTrue(message.startsWith(target + ": cannot be written: "), message);
        assertTrue(message.endsWith("; choose another folder"), message);
    }

    @Test
    void theRootIsNoBuildDirectory() {
        Path root = folder.getRoot();

        assertEquals(
                root + ": the output folder is not empty and is no build directory; choose another folder",
                assertThrows(CompileException.class, () -> new OutputFolder(root, true))
                        .getMessage());
    }
}
