package tilewright.boards;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * The board files beside this class on the class path, in folders and in jars. A file that is put there is a board: there
 * is no index to edit, and listing opens none of them.
 */
final class BundledBoards {
    private static final String FOLDER = "tilewright/boards/";
    private static final String SUFFIX = ".yaml";

    private BundledBoards() {}

    /** The names of all bundled boards, sorted. */
    static SortedSet<String> names() {
        SortedSet<String> names = new TreeSet<>();
        try {
            for (URL place : places()) {
                switch (place.getProtocol()) {
                    case "file" -> addFolder(Path.of(place.toURI()), names);
                    case "jar" -> addJar((JarURLConnection) place.openConnection(), names);
                    default -> throw new IllegalStateException("cannot list boards in " + place);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the bundled boards: " + e.getMessage(), e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("cannot list the bundled boards: " + e.getMessage(), e);
        }
        return Collections.unmodifiableSortedSet(names);
    }

    /** The file of the board {@code name}, which is a legal name; null if there is none. */
    static InputStream open(String name) {
        return BundledBoards.class.getResourceAsStream(name + SUFFIX);
    }

    /** The name of the file of board {@code name}, for messages. */
    static String fileName(String name) {
        return name + SUFFIX;
    }

    private static Collection<URL> places() throws IOException {
        // By text: equality of URLs asks the network for host names.
        Map<String, URL> places = new LinkedHashMap<>();
        ClassLoader loader = BundledBoards.class.getClassLoader();
        for (URL folder : Collections.list(loader.getResources(FOLDER))) {
            places.putIfAbsent(folder.toExternalForm(), folder);
        }
        // A jar may lack entries for its folders; then only a file in it leads there.
        URL itself = BundledBoards.class.getResource("BundledBoards.class");
        if (itself != null && itself.getProtocol().equals("jar")) {
            String jar =
                    itself.toExternalForm().substring(0, itself.toExternalForm().indexOf("!/") + 2);
            if (places.keySet().stream().noneMatch(place -> place.startsWith(jar))) {
                places.put(jar, itself);
            }
        }
        return places.values();
    }

    private static void addFolder(Path folder, Set<String> names) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            files.forEach(file -> addFile(file.getFileName().toString(), names));
        }
    }

    private static void addJar(JarURLConnection connection, Set<String> names) throws IOException {
        connection.setUseCaches(false);
        try (JarFile jar = connection.getJarFile()) {
            jar.stream()
                    .map(entry -> entry.getName())
                    .filter(entry -> entry.startsWith(FOLDER))
                    .forEach(entry -> addFile(entry.substring(FOLDER.length()), names));
        }
    }

    private static void addFile(String fileName, Set<String> names) {
        if (fileName.endsWith(SUFFIX)) {
            String name = fileName.substring(0, fileName.length() - SUFFIX.length());
            if (Boards.isName(name)) {
                names.add(name);
            }
        }
    }
}
