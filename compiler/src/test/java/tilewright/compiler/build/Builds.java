package tilewright.compiler.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tilewright.model.family.RandomModels;

/** Small models, builds of them, and what lies in folders. */
final class Builds {
    static final ObjectMapper JSON = new ObjectMapper();

    private Builds() {}

    /** Writes the random model {@code tiny}: two tasks, one block of four experts. */
    static Path tiny(Path folder) {
        RandomModels.write(folder, RandomModels.shape("tiny"));
        return folder;
    }

    static CompileOptions options(Path model, Path output, int bits) {
        return new CompileOptions(model, "zcu102", output, null, bits, null, null, false);
    }

    static CompileOptions forced(CompileOptions options) {
        return new CompileOptions(
                options.model(),
                options.board(),
                options.output(),
                options.task(),
                options.bits(),
                options.calibrate(),
                options.limit(),
                true);
    }

    /** The digest of every file below a folder, by path. */
    static Map<String, String> contents(Path folder) {
        Map<String, String> contents = new TreeMap<>();
        for (Path file : files(folder)) {
            contents.put(folder.relativize(file).toString(), sha256(file));
        }
        return contents;
    }

    private static Iterable<Path> files(Path folder) {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path copy(Path from, Path to) throws IOException {
        for (Path file : files(from)) {
            Path copy = to.resolve(from.relativize(file));
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
        }
        return to;
    }

    /** SHA-256 of some files' contents, one behind the other. */
    static String sha256(Path... files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files) {
                digest.update(Files.readAllBytes(file));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static JsonNode manifest(Path build) throws IOException {
        return JSON.readTree(build.resolve("build.json").toFile());
    }

    /** Rewrites a build's manifest. */
    static void change(Path build, Consumer<ObjectNode> change) throws IOException {
        ObjectNode manifest = (ObjectNode) manifest(build);
        change.accept(manifest);
        JSON.writeValue(build.resolve("build.json").toFile(), manifest);
    }

    /** Makes the manifest agree with a file as it is now. */
    static void updateDigest(Path build, String path) throws IOException {
        Path file = build.resolve(path);
        long bytes = Files.size(file);
        change(
                build,
                manifest -> manifest.get("artefacts").forEach(artefact -> {
                    if (artefact.get("path").textValue().equals(path)) {
                        ((ObjectNode) artefact).put("bytes", bytes).put("sha256", sha256(file));
                    }
                }));
    }
}
