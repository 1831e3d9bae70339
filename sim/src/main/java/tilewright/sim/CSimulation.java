package tilewright.sim;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An emitted C++ design as a program of this machine: compiled once per content, run in a process of its own, so that a
 * design that crashes or hangs does no harm to this JVM.
 */
public final class CSimulation {
    /**
     * Flags for fast simulation. The pragmas of the vendor and the labels of loops mean nothing to a plain compiler;
     * every other warning is an error.
     */
    public static final List<String> FLAGS = List.of(
            "-std=c++17",
            "-O3",
            "-DNDEBUG",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-Wno-unknown-pragmas",
            "-Wno-unused-label");

    private static final Duration COMPILE_LIMIT = Duration.ofMinutes(10);
    private static final Pattern CPP = Pattern.compile(".*\\.(c|cc|cpp|cxx|h|hh|hpp|hxx|inc)");
    private static final String PROGRAM = "design";

    private final String name;
    private final Path folder;
    private final boolean cached;

    private CSimulation(String name, Path folder, boolean cached) {
        this.name = name;
        this.folder = folder;
        this.cached = cached;
    }

    /**
     * What is compiled.
     *
     * @param folder the design's folder; every C++ file in it counts for the cache
     * @param sources the files given to the compiler, relative to the folder
     * @param includes folders of headers, relative to the folder
     * @param flags what else the compiler is given, such as {@link #FLAGS}
     */
    public record Design(Path folder, List<String> sources, List<String> includes, List<String> flags) {
        /** A design with unchangeable lists. */
        public Design {
            sources = List.copyOf(sources);
            includes = List.copyOf(includes);
            flags = List.copyOf(flags);
        }
    }

    /**
     * A run that ended well.
     *
     * @param output what the program wrote to standard output
     * @param wall how long it ran
     */
    public record Result(String output, Duration wall) {}

    /** Where compiled designs are kept unless told otherwise: in {@code TILEWRIGHT_HOME}, else {@code ~/.tilewright}. */
    public static Path defaultCache() {
        String home = System.getProperty("tilewright.home", System.getenv("TILEWRIGHT_HOME"));
        Path state = home == null || home.isBlank()
                ? Path.of(System.getProperty("user.home"), ".tilewright")
                : Path.of(home);
        return state.resolve("cache").resolve("csim");
    }

    /**
     * Compiles a design, or takes the program from the cache when the same files were compiled with the same flags by
     * the same compiler.
     *
     * @param cache a folder for compiled programs; made when it does not exist; may be shared by several processes
     * @throws SimulationException when it does not compile, with the first error and the path of the compiler's log
     */
    public static CSimulation build(CppCompiler compiler, Design design, Path cache) {
        String name = design.folder().toAbsolutePath().normalize().getFileName().toString();
        try {
            String key = key(compiler, design);
            Path kept = cache.toAbsolutePath().resolve(key);
            if (Files.isExecutable(kept.resolve(PROGRAM))) {
                return new CSimulation(name, kept, true);
            }
            Files.createDirectories(kept.getParent());
            Path building = Files.createTempDirectory(kept.getParent(), "building-");
            try {
                compile(compiler, design, name, building.resolve(PROGRAM), kept.resolveSibling(key + ".log"));
                keep(building, kept);
            } finally {
                delete(building);
            }
            return new CSimulation(name, kept, false);
        } catch (IOException e) {
            throw new SimulationException(
                    "%s: cannot be compiled, a file cannot be read or written below %s (%s); TILEWRIGHT_HOME may name another place"
                            .formatted(name, cache, e),
                    e);
        }
    }

    /** The compiled program. */
    public Path program() {
        return folder.resolve(PROGRAM);
    }

    /** Whether the program came from the cache. */
    public boolean cached() {
        return cached;
    }

    /**
     * Runs the program to its end.
     *
     * @param workingFolder the folder it runs in
     * @param limit when it is stopped
     * @param errors is given each line of its standard error as it comes, from another thread
     * @throws SimulationException when it does not end with exit code 0 in time; the message says how it ended, its
     *     last line and the path of its log
     */
    public Result run(List<String> arguments, Path workingFolder, Duration limit, Consumer<String> errors) {
        List<String> command = Stream.concat(Stream.of(program().toString()), arguments.stream())
                .toList();
        try {
            Path log = Files.createTempFile(folder, "run-", ".log");
            Tail tail = new Tail();
            Subprocess.Outcome outcome;
            long start = System.nanoTime();
            try (PrintWriter writer = new PrintWriter(Files.newBufferedWriter(log, StandardCharsets.UTF_8))) {
                outcome = Subprocess.run(command, workingFolder, limit, line -> {
                    writer.println(line);
                    tail.last = line;
                    errors.accept(line);
                });
                if (outcome.timedOut() || outcome.exitCode() != 0) {
                    writer.print(outcome.output());
                }
            }
            Duration wall = Duration.ofNanos(System.nanoTime() - start);
            if (outcome.timedOut()) {
                throw new SimulationException(
                        "%s: C simulation did not end in %d ms and was stopped; allow more time or give it less work; log: %s"
                                .formatted(name, limit.toMillis(), log));
            }
            if (outcome.exitCode() != 0) {
                throw new SimulationException("%s: C simulation %s%s; log: %s"
                        .formatted(
                                name,
                                Subprocess.ending(outcome.exitCode()),
                                tail.last.isBlank() ? "" : ": " + tail.last,
                                log));
            }
            Files.delete(log);
            return new Result(outcome.output(), wall);
        } catch (IOException e) {
            throw new SimulationException("%s: the log of its run cannot be written (%s)".formatted(folder, e), e);
        }
    }

    private static final class Tail {
        private volatile String last = "";
    }

    private static void compile(CppCompiler compiler, Design design, String name, Path program, Path log)
            throws IOException {
        List<String> command = new ArrayList<>(compiler.command());
        command.addAll(design.flags());
        design.includes().forEach(include -> command.add("-I" + include));
        command.addAll(design.sources());
        command.addAll(List.of("-o", program.toString()));
        List<String> firstErrors = new ArrayList<>();
        Subprocess.Outcome outcome;
        try (PrintWriter writer = new PrintWriter(Files.newBufferedWriter(log, StandardCharsets.UTF_8))) {
            writer.println(String.join(" ", command));
            outcome = Subprocess.run(command, design.folder(), COMPILE_LIMIT, line -> {
                writer.println(line);
                if (firstErrors.isEmpty() && line.contains("error")) {
                    firstErrors.add(line.strip());
                }
            });
        }
        if (outcome.timedOut()) {
            throw new SimulationException("%s: '%s' did not end in %d minutes and was stopped; log: %s"
                    .formatted(name, compiler.command().getFirst(), COMPILE_LIMIT.toMinutes(), log));
        }
        if (outcome.exitCode() != 0) {
            String error = firstErrors.isEmpty()
                    ? "the compiler %s".formatted(Subprocess.ending(outcome.exitCode()))
                    : firstErrors.getFirst();
            throw new SimulationException("%s: does not compile: %s; log: %s".formatted(name, error, log));
        }
        Files.delete(log);
    }

    /** Moves a finished build to its place in one step; one that another process put there meanwhile is as good. */
    private static void keep(Path building, Path kept) throws IOException {
        if (!Files.isExecutable(kept.resolve(PROGRAM))) {
            delete(kept);
        }
        try {
            Files.move(building, kept, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.isExecutable(kept.resolve(PROGRAM))) {
                throw e;
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static String key(CppCompiler compiler, Design design) throws IOException {
        MessageDigest digest = sha256();
        List<String> parts = new ArrayList<>(compiler.command());
        parts.add(compiler.version());
        parts.addAll(design.flags());
        parts.add("includes");
        parts.addAll(design.includes());
        parts.add("sources");
        parts.addAll(design.sources());
        parts.forEach(part -> update(digest, part.getBytes(StandardCharsets.UTF_8)));
        try (Stream<Path> files = Files.walk(design.folder())) {
            for (Path file : files.filter(CSimulation::isCpp).sorted().toList()) {
                update(digest, design.folder().relativize(file).toString().getBytes(StandardCharsets.UTF_8));
                update(digest, Files.readAllBytes(file));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static boolean isCpp(Path file) {
        return Files.isRegularFile(file)
                && CPP.matcher(file.getFileName().toString()).matches();
    }

    /** Adds a part with its length, so that no two lists of parts give the same bytes. */
    private static void update(MessageDigest digest, byte[] part) {
        digest.update(Integer.toString(part.length).getBytes(StandardCharsets.UTF_8));
        digest.update((byte) ':');
        digest.update(part);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
