package tilewright.boards;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/** A board is one file: it is found wherever the classes are, with no index and no code edited. */
class BundledBoardsJarTest {
    @TempDir
    Path folder;

    @ParameterizedTest(name = "entries for folders: {0}")
    @ValueSource(booleans = {true, false})
    void boardsAreFoundInAJar(boolean folderEntries) throws Exception {
        Path jar = folder.resolve("boards " + folderEntries + ".jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            pack(out, folderEntries);
            out.putNextEntry(new JarEntry("tilewright/boards/added-board.yaml"));
            out.write(BrokenBoardsTest.VALID.getBytes(StandardCharsets.UTF_8));
        }
        List<String> expected = Stream.concat(Boards.names().stream(), Stream.of("added-board"))
                .sorted()
                .toList();
        assertEquals(expected, namesSeenFrom(jar.toUri().toURL()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"added-board.yaml", "Not a name.yaml", "notes.txt"})
    void boardsAreFoundInAFolder(String fileName) throws Exception {
        Path classes = folder.resolve("classes with space");
        copy(classes);
        Files.writeString(classes.resolve("tilewright/boards").resolve(fileName), BrokenBoardsTest.VALID);
        TreeSet<String> expected = new TreeSet<>(Boards.names());
        if (fileName.equals("added-board.yaml")) {
            expected.add("added-board");
        }
        assertEquals(List.copyOf(expected), namesSeenFrom(classes.toUri().toURL()));
    }

    private static List<String> namesSeenFrom(URL place) throws Exception {
        URL yaml = Yaml.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {place, yaml}, ClassLoader.getPlatformClassLoader())) {
            Class<?> boards = loader.loadClass("tilewright.boards.Boards");
            List<String> names = Stream.of(
                            ((Collection<?>) boards.getMethod("names").invoke(null)).toArray())
                    .map(String.class::cast)
                    .toList();
            for (String name : names) {
                Object board = boards.getMethod("load", String.class).invoke(null, name);
                assertEquals(
                        name.equals("added-board") ? "test-board" : name,
                        board.getClass().getMethod("name").invoke(board));
            }
            return names;
        }
    }

    private static Path classes() throws URISyntaxException {
        return Path.of(
                Boards.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static void pack(JarOutputStream out, boolean folderEntries) throws IOException, URISyntaxException {
        Path root = classes();
        try (Stream<Path> files = Files.walk(root.resolve("tilewright"))) {
            for (Path file : files.sorted().toList()) {
                String name = root.relativize(file).toString().replace('\\', '/');
                if (Files.isRegularFile(file)) {
                    out.putNextEntry(new JarEntry(name));
                    Files.copy(file, out);
                } else if (folderEntries) {
                    out.putNextEntry(new JarEntry(name + "/"));
                }
            }
        }
    }

    private static void copy(Path target) throws IOException, URISyntaxException {
        Path root = classes();
        try (Stream<Path> files = Files.walk(root.resolve("tilewright"))) {
            for (Path file : files.sorted().toList()) {
                Path copy = target.resolve(root.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }
}
