package tilewright.model.family.language;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The family files: those that come with the program, one text resource each. */
final class FamilyLibrary {
    private static final String FOLDER = "/tilewright/families/";
    private static final String ENDING = ".family";
    private static final Pattern HEADER = Pattern.compile("(?m)^(family|architectures|gguf) +(\"[^\\n]*)");
    private static final Pattern QUOTED = Pattern.compile("\"([^\"]*)\"");

    private final Map<String, String> texts;

    private FamilyLibrary(Map<String, String> texts) {
        this.texts = texts;
    }

    /** The files that come with the program. */
    static FamilyLibrary builtIn() {
        URL folder = FamilyLibrary.class.getResource(FOLDER);
        if (folder == null) {
            throw new IllegalStateException("the resources " + FOLDER + " are missing from the program");
        }
        Map<String, String> texts = new TreeMap<>();
        try {
            for (String file : files(folder)) {
                try (InputStream stream = FamilyLibrary.class.getResourceAsStream(FOLDER + file)) {
                    texts.put(
                            file.substring(0, file.length() - ENDING.length()),
                            new String(stream.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new FamilyLibrary(texts);
    }

    /** Files given as text, by name; for tests. */
    static FamilyLibrary of(Map<String, String> texts) {
        return new FamilyLibrary(new TreeMap<>(texts));
    }

    private static List<String> files(URL folder) throws IOException {
        List<String> files = new ArrayList<>();
        if (folder.openConnection() instanceof JarURLConnection jar) {
            String prefix = jar.getEntryName();
            jar.getJarFile().stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.startsWith(prefix) && name.endsWith(ENDING))
                    .forEach(name -> files.add(name.substring(name.lastIndexOf('/') + 1)));
            return files;
        }
        try (Stream<Path> listed = Files.list(Path.of(new URI(folder.toString())))) {
            listed.map(path -> path.getFileName().toString())
                    .filter(name -> name.endsWith(ENDING))
                    .forEach(files::add);
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        return files;
    }

    /** The names of all files, sorted; shared ones too. */
    List<String> names() {
        return List.copyOf(texts.keySet());
    }

    /** A file of this name, or null. */
    FamilyFile file(String name) {
        String text = texts.get(name);
        return text == null ? null : FileParser.parse(name, text);
    }

    /** All {@code model_type}s, sorted. */
    List<String> modelTypes() {
        return headers("family").keySet().stream().toList();
    }

    /** All GGUF architectures, sorted. */
    List<String> ggufArchitectures() {
        return headers("gguf").keySet().stream().toList();
    }

    /** The family of a {@code model_type}, or null. */
    FamilyFile byModelType(String modelType) {
        List<String> names = headers("family").get(modelType);
        return names == null ? null : file(names.getFirst());
    }

    /** The family of a class name in {@code architectures}, or null. */
    FamilyFile byArchitecture(String architecture) {
        List<String> names = headers("architectures").get(architecture);
        return names == null ? null : file(names.getFirst());
    }

    /** The families that read a GGUF architecture; those with a condition first. */
    List<FamilyFile> byGguf(String architecture) {
        return headers("gguf").getOrDefault(architecture, List.of()).stream()
                .map(this::file)
                .sorted(Comparator.comparing((FamilyFile file) -> file.ggufs().stream()
                        .anyMatch(gguf -> gguf.name().equals(architecture) && gguf.condition() == null)))
                .toList();
    }

    /** The names of the files whose header lines of a kind name a string, by that string. */
    private Map<String, List<String>> headers(String kind) {
        Map<String, List<String>> found = new TreeMap<>();
        texts.forEach((name, text) -> {
            Matcher line = HEADER.matcher(text);
            while (line.find()) {
                if (line.group(1).equals(kind)) {
                    Matcher quoted = QUOTED.matcher(line.group(2));
                    while (quoted.find()) {
                        found.computeIfAbsent(quoted.group(1), key -> new ArrayList<>())
                                .add(name);
                        if (kind.equals("gguf")) {
                            break;
                        }
                    }
                }
            }
        });
        return found;
    }
}
