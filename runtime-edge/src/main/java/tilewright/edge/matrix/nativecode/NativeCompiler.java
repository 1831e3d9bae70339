package tilewright.edge.matrix.nativecode;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tilewright.model.InvalidInputException;

/**
 * Turns C source into a shared library with the machine's compiler, once for each source, compiler, flags and processor.
 *
 * @param command the program
 * @param identity what tells it from others and from what it was before an update: its file, that file's size and its age
 */
public record NativeCompiler(Path command, String identity) {
    private static final List<String> NAMES = List.of("gcc", "clang", "cc");
    private static final long LIMIT_SECONDS = 300;

    /**
     * The first of gcc, clang and cc that is on the search path.
     *
     * @throws NativeCodeException when there is none
     */
    public static NativeCompiler find() throws NativeCodeException {
        for (String name : NAMES) {
            Optional<NativeCompiler> found = find(name);
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new NativeCodeException("no C compiler is on the search path; install gcc or clang");
    }

    /** A compiler by its name, if it is on the search path; it is not started, which would take longer than all else here. */
    public static Optional<NativeCompiler> find(String name) {
        String path = System.getenv("PATH");
        for (String folder : path == null ? new String[0] : path.split(File.pathSeparator)) {
            Path command = Path.of(folder.isEmpty() ? "." : folder, name);
            if (Files.isRegularFile(command) && Files.isExecutable(command)) {
                try {
                    Path file = command.toRealPath();
                    String identity = file + ", " + Files.size(file) + " bytes, " + Files.getLastModifiedTime(file);
                    return Optional.of(new NativeCompiler(command, identity));
                } catch (IOException e) {
                    // It cannot be read, so it is none; the next may be one.
                    continue;
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Where libraries are kept: {@code cache/native} in the folder that the system property {@code tilewright.home} or the
     * environment variable {@code TILEWRIGHT_HOME} names, else in {@code ~/.tilewright}.
     */
    public static Path defaultCache() {
        String home = System.getProperty("tilewright.home", System.getenv("TILEWRIGHT_HOME"));
        Path state = home == null || home.isBlank()
                ? Path.of(System.getProperty("user.home"), ".tilewright")
                : Path.of(home);
        return state.resolve("cache").resolve("native");
    }

    /**
     * The library of a source: from the cache, or compiled now.
     *
     * @param name what files are called
     * @param source one C file
     * @param flags beside those that make a shared library
     * @param cache a folder, made when it does not exist; may be shared by several processes
     * @throws NativeCodeException when it does not compile, with the first error, and when files cannot be written
     */
    public Path compile(String name, String source, List<String> flags, Path cache) throws NativeCodeException {
        try {
            Path library = cache.toAbsolutePath().resolve(name + "-" + key(source, flags) + ".so");
            if (Files.isRegularFile(library)) {
                return library;
            }
            Files.createDirectories(library.getParent());
            Path building = Files.createTempDirectory(library.getParent(), "building-");
            try {
                Path input = Files.writeString(building.resolve(name + ".c"), source);
                Path output = building.resolve(name + ".so");
                List<String> line = new ArrayList<>();
                line.add(command.toString());
                line.addAll(flags);
                line.addAll(List.of("-shared", "-fPIC", "-o", output.toString(), input.toString()));
                Outcome outcome = run(line, LIMIT_SECONDS);
                if (outcome.code() != 0) {
                    throw new NativeCodeException(command + " does not compile " + name + ".c: " + outcome.error());
                }
                // Whoever comes second replaces a library by an equal one.
                Files.move(output, library, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                delete(building);
            }
            return library;
        } catch (IOException e) {
            throw new NativeCodeException(
                    "native code cannot be kept in " + cache + " (" + InvalidInputException.reason(e)
                            + "); TILEWRIGHT_HOME may name another place",
                    e);
        }
    }

    private record Outcome(int code, String output) {
        String error() {
            return output.lines()
                    .filter(line -> line.contains("error"))
                    .findFirst()
                    .map(String::strip)
                    .orElse("it ended with code " + code);
        }
    }

    private static Outcome run(List<String> line, long seconds) throws IOException {
        Path log = Files.createTempFile("tilewright-", ".log");
        try {
            Process process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .redirectInput(ProcessBuilder.Redirect.from(nothing()))
                    .start();
            try {
                if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                    return new Outcome(-1, "error: it did not end in " + seconds + " s and was stopped");
                }
            } finally {
                process.destroyForcibly();
            }
            return new Outcome(process.exitValue(), new String(Files.readAllBytes(log), StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome(-1, "error: interrupted");
        } finally {
            Files.deleteIfExists(log);
        }
    }

    private static File nothing() {
        return new File(File.separatorChar == '/' ? "/dev/null" : "NUL");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private String key(String source, List<String> flags) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        List<String> parts = new ArrayList<>(flags);
        // What the processor can do counts, since a cache may be shared by machines.
        NativeProcessor processor = NativeProcessor.current();
        parts.addAll(List.of(command.toString(), identity, processor.architecture(), processor.features(), source));
        for (String part : parts) {
            digest.update(part.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
        }
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }
}
