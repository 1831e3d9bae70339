package tilewright.sim.rtl.verilator;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tilewright.sim.SimulationException;
import tilewright.sim.Subprocess;

/** Makes shared libraries of models, or takes them from the cache. */
final class ModelBuild {
    private static final String LIBRARY = "model.so";
    private static final Duration LIMIT = Duration.ofMinutes(20);
    private static final String BUILDING = "building-";
    /** How old the folder of a build is that no running process can have. */
    private static final Duration ABANDONED = Duration.ofDays(1);
    /** The most text, in bytes, that is given to one run of the compiler. */
    private static final long LARGEST_UNIT = 400_000;
    /** The text, in bytes, up to which one run of the compiler for all of it is quickest. */
    private static final long SMALLEST_SPLIT = 100_000;

    private static final Pattern SLOW = Pattern.compile("__Slow|__Syms");

    private static final List<String> VERILATOR_FLAGS = List.of(
            "--cc",
            "-O3",
            "--x-assign",
            "0",
            "--no-timing",
            "-Wno-fatal",
            "-Wno-lint",
            "-Wno-style",
            "--output-split",
            "20000",
            "--top-module",
            ModelText.TOP,
            "--prefix",
            "Vtilewright");
    private static final List<String> COMPILER_FLAGS = List.of(
            "-std=c++17",
            "-w",
            "-fPIC",
            "-fvisibility=hidden",
            "-DVL_USER_FATAL",
            "-DVL_PRINTF=tilewright_print",
            "-DVM_COVERAGE=0",
            "-DVM_SC=0",
            "-DVM_TRACE_FST=0");
    private static final String DECLARATION = "extern \"C\" int tilewright_print(const char*, ...);\n";
    private static final Pattern GLOBALS = Pattern.compile("VM_GLOBAL_(?:FAST|SLOW) \\+= \\\\\n((?:\t\\w+ \\\\\n)*)");
    private static final Pattern ERROR = Pattern.compile(".*(%Error|: error:|: fatal error:|undefined reference).*");

    private final Processor processor = Processor.current();
    private final VerilatorTools tools;
    private final ModelText text;
    private final boolean traced;
    private final Path cache;

    ModelBuild(VerilatorTools tools, ModelText text, boolean traced, Path cache) {
        this.tools = tools;
        this.text = text;
        this.traced = traced;
        this.cache = cache.toAbsolutePath();
    }

    /**
     * The model's library.
     *
     * @throws SimulationException when Verilator or the compiler fail; the message has the first error and the log's path
     */
    Path library() {
        try {
            String key = key(modelParts());
            return kept(cache.resolve(key), LIBRARY, this::build);
        } catch (IOException e) {
            throw new SimulationException(
                    "%s: the Verilator model cannot be built, a file cannot be read or written (%s)"
                            .formatted(text.name(), e),
                    e);
        }
    }

    private interface Build {
        void in(Path folder, Path log) throws IOException;
    }

    /** Builds in a folder of another name, which is then moved into place; another process may be faster. */
    private static Path kept(Path folder, String product, Build build) throws IOException {
        Path result = folder.resolve(product);
        if (Files.isRegularFile(result)) {
            return result;
        }
        Files.createDirectories(folder.getParent());
        deleteAbandoned(folder.getParent());
        Path building = Files.createTempDirectory(folder.getParent(), BUILDING);
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        try {
            build.in(building, log);
            Files.move(building, folder, StandardCopyOption.ATOMIC_MOVE);
            Files.deleteIfExists(log);
        } catch (FileSystemException e) {
            if (!Files.isRegularFile(result)) {
                throw e;
            }
        } finally {
            delete(building);
        }
        return result;
    }

    /** Deletes what builds left that were interrupted; what another process deletes meanwhile does not matter. */
    private static void deleteAbandoned(Path cache) {
        Instant latest = Instant.now().minus(ABANDONED);
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(cache, BUILDING + "*")) {
            for (Path folder : folders) {
                if (Files.getLastModifiedTime(folder).toInstant().isBefore(latest)) {
                    delete(folder);
                }
            }
        } catch (IOException | DirectoryIteratorException | UncheckedIOException e) {
            // They only take space, and the next build tries again.
        }
    }

    private void build(Path folder, Path log) throws IOException {
        Path objects = folder.resolve("objects");
        for (Map.Entry<String, String> file : text.files().entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
        Files.writeString(folder.resolve("print.h"), DECLARATION);
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(log, StandardCharsets.UTF_8))) {
            List<String> verilate = new ArrayList<>(List.of(tools.verilator().toString()));
            verilate.addAll(VERILATOR_FLAGS);
            if (traced) {
                verilate.add("--trace");
            }
            verilate.addAll(List.of("--Mdir", "objects", "tilewright.sv", "design.sv"));
            run("Verilator", verilate, folder, out, log);
            List<Path> parts = units(objects);
            List<String> link = new ArrayList<>(tools.compiler().command());
            link.addAll(List.of("-shared", "-o", LIBRARY));
            compileAll(parts, folder, out, log).forEach(object -> link.add(object.toString()));
            for (String global : globals(objects)) {
                link.add(runtime(global).toString());
            }
            link.addAll(List.of("-Wl,-Bsymbolic", "-Wl,-z,defs", "-lpthread", "-latomic"));
            run("the C++ compiler", link, folder, out, log);
        }
        delete(objects);
    }

    /** Files that include the others: one where all is short, else several, those of code that runs once apart. */
    private static List<Path> units(Path objects) throws IOException {
        List<Path> generated;
        try (Stream<Path> files = Files.list(objects)) {
            generated = files.filter(file -> file.toString().endsWith(".cpp"))
                    .sorted()
                    .toList();
        }
        long total = 0;
        for (Path file : generated) {
            total += Files.size(file);
        }
        List<Path> units = new ArrayList<>();
        if (total <= SMALLEST_SPLIT) {
            units.add(unit(objects, "fast", generated));
        } else {
            List<Path> part = new ArrayList<>();
            for (boolean slow : List.of(false, true)) {
                long size = 0;
                for (Path file : generated) {
                    if (slow == SLOW.matcher(file.getFileName().toString()).find()) {
                        part.add(file);
                        size += Files.size(file);
                    }
                    if (size > LARGEST_UNIT) {
                        units.add(unit(objects, (slow ? "slow" : "fast") + units.size(), part));
                        part.clear();
                        size = 0;
                    }
                }
                if (!part.isEmpty()) {
                    units.add(unit(objects, (slow ? "slow" : "fast") + units.size(), part));
                    part.clear();
                }
            }
        }
        Files.writeString(units.getFirst(), "#include \"../" + ModelText.FUNCTIONS + "\"\n", StandardOpenOption.APPEND);
        return units;
    }

    private static Path unit(Path objects, String name, List<Path> parts) throws IOException {
        StringBuilder text = new StringBuilder();
        parts.forEach(
                part -> text.append("#include \"").append(part.getFileName()).append("\"\n"));
        return Files.writeString(objects.resolve(name + ".cpp"), text);
    }

    private List<Path> compileAll(List<Path> parts, Path folder, PrintWriter log, Path logFile) throws IOException {
        int workers = Math.max(1, Math.min(parts.size(), Runtime.getRuntime().availableProcessors()));
        try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
            List<Future<Path>> objects = parts.stream()
                    .map(part -> pool.submit(() -> {
                        Path object = part.resolveSibling(part.getFileName() + ".o");
                        String level = part.getFileName().toString().startsWith("slow") ? "-O1" : "-O2";
                        compile(part, object, level, folder, log, logFile);
                        return object;
                    }))
                    .toList();
            List<Path> result = new ArrayList<>();
            for (Future<Path> object : objects) {
                result.add(object.get());
            }
            return result;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SimulationException(text.name() + ": building was interrupted; run it again", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SimulationException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        }
    }

    private void compile(Path source, Path object, String level, Path folder, PrintWriter log, Path logFile) {
        List<String> command = new ArrayList<>(tools.compiler().command());
        command.addAll(COMPILER_FLAGS);
        command.addAll(processor.flags());
        if (tools.compiler().version().contains("clang")) {
            command.add("-fbracket-depth=4096");
        }
        command.addAll(List.of(
                level,
                "-DVM_TRACE=" + (traced ? 1 : 0),
                "-DVM_TRACE_VCD=" + (traced ? 1 : 0),
                "-include",
                "print.h",
                "-I" + folder,
                "-I" + folder.resolve("objects"),
                "-I" + tools.root().resolve("include"),
                "-I" + tools.root().resolve("include").resolve("vltstd"),
                "-c",
                source.toString(),
                "-o",
                object.toString()));
        run("the C++ compiler", command, folder, log, logFile);
    }

    /** The sources of Verilator that the model needs, by their names without ending. */
    private static List<String> globals(Path objects) throws IOException {
        Matcher matcher = GLOBALS.matcher(Files.readString(objects.resolve("Vtilewright_classes.mk")));
        List<String> names = new ArrayList<>();
        while (matcher.find()) {
            matcher.group(1)
                    .lines()
                    .forEach(line -> names.add(line.replace("\\", "").strip()));
        }
        return names;
    }

    /** The object of a source that all models share. */
    private Path runtime(String global) throws IOException {
        List<String> parts = new ArrayList<>(List.of("runtime", global));
        parts.addAll(toolParts());
        Path source = tools.root().resolve("include").resolve(global + ".cpp");
        return kept(cache.resolve("runtime-" + key(parts)), global + ".o", (folder, log) -> {
            Files.writeString(folder.resolve("print.h"), DECLARATION);
            try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(log, StandardCharsets.UTF_8))) {
                compile(source, folder.resolve(global + ".o"), "-O2", folder, out, log);
            }
        });
    }

    private void run(String tool, List<String> command, Path folder, PrintWriter log, Path logFile) {
        List<String> lines = new ArrayList<>();
        Subprocess.Outcome outcome = Subprocess.run(command, folder, LIMIT, lines::add);
        String firstError = lines.stream()
                .filter(line -> ERROR.matcher(line).matches())
                .findFirst()
                .orElse(lines.isEmpty() ? "" : lines.getFirst());
        synchronized (log) {
            log.println(String.join(" ", command));
            lines.forEach(log::println);
            log.print(outcome.output());
            log.flush();
        }
        if (outcome.timedOut()) {
            throw new SimulationException(
                    "%s: %s did not end in %d minutes and was stopped; make the design smaller; log: %s"
                            .formatted(text.name(), tool, LIMIT.toMinutes(), logFile));
        }
        if (outcome.exitCode() != 0) {
            throw new SimulationException("%s: %s %s%s; log: %s"
                    .formatted(
                            text.name(),
                            tool,
                            Subprocess.ending(outcome.exitCode()),
                            firstError.isBlank() ? "" : ": " + firstError.strip(),
                            logFile));
        }
    }

    private List<String> toolParts() {
        List<String> parts = new ArrayList<>(tools.compiler().command());
        parts.addAll(List.of(
                tools.compiler().version(),
                tools.version(),
                tools.root().toString(),
                Boolean.toString(traced),
                DECLARATION));
        parts.add(processor.description());
        parts.addAll(processor.flags());
        parts.addAll(COMPILER_FLAGS);
        return parts;
    }

    private List<String> modelParts() {
        List<String> parts = new ArrayList<>(List.of("model"));
        parts.addAll(toolParts());
        parts.addAll(VERILATOR_FLAGS);
        text.files().forEach((name, file) -> {
            parts.add(name);
            parts.add(file);
        });
        return parts;
    }

    private static String key(List<String> parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : parts) {
                byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
                digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
                digest.update(bytes);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
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
}
