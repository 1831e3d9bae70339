package tilewright.model.family.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.data.Npy;
import tilewright.model.data.NpyArray;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.Tensor64;
import tilewright.model.tensor.GoldenData;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorInfo;
import tilewright.model.tensor.TensorSource;

/**
 * Sample models of many architectures, through the interpreter, against reference outputs: those beside the checkout, those of
 * the folder {@code -Dtilewright.zoo}, and GGUF files of the same models in its folder {@code gguf}.
 */
class ArchZooTest {
    private static final Path REPOSITORY = Path.of("..", "tests", "arch-zoo");
    private static final double TOLERANCE = 1e-4;

    /** Families whose reference counts hidden states from the first block's output on. */
    private static final Set<String> STATES_WITHOUT_EMBEDDING = Set.of("mamba", "mamba2", "falcon_mamba");

    /** Where release 5 of the reference differs from the published model, files that it wrote are computed as it does. */
    private static final String AS_RELEASE_5 = "computed as transformers 5 does";

    /** Samples are shorter than what an indexer would leave out. */
    private static final String WITHOUT_INDEXER = "attends to all tokens";

    /** Samples that a family file reads; vision models and families not yet written are left out. */
    static List<Path> samples() throws IOException {
        List<Path> samples = new ArrayList<>();
        for (Path root : roots().stream().filter(Files::isDirectory).toList()) {
            try (Stream<Path> folders = Files.list(root)) {
                for (Path folder : folders.sorted().toList()) {
                    if (Files.exists(folder.resolve("golden.safetensors")) && known(folder)) {
                        samples.add(folder);
                    }
                }
            }
        }
        return samples;
    }

    /** The samples of the repository, those beside it, and those of the system property, where they are there. */
    private static List<Path> roots() {
        List<Path> roots = new ArrayList<>(List.of(REPOSITORY));
        if (GoldenData.archZoo() != null) {
            roots.add(GoldenData.archZoo());
        }
        String extra = System.getProperty("tilewright.zoo");
        if (extra != null) {
            roots.add(Path.of(extra));
            roots.add(Path.of(extra, "gguf", "src"));
        }
        return roots;
    }

    private static boolean known(Path folder) throws IOException {
        JsonNode config =
                new ObjectMapper().readTree(folder.resolve("config.json").toFile());
        return LanguageModels.modelTypes().contains(config.path("model_type").asText());
    }

    /** GGUF files of samples that a family file reads. */
    static List<Path> ggufs() throws IOException {
        List<Path> known = new ArrayList<>();
        for (Path root : roots()) {
            Path folder = root.resolve("gguf");
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(file -> !Files.isSymbolicLink(file))
                        .sorted()
                        .toList()) {
                    Path reference = file.toString().endsWith(".gguf") ? reference(file) : null;
                    if (reference != null && known(reference)) {
                        known.add(file);
                    }
                }
            }
        }
        return known;
    }

    private static Path reference(Path gguf) {
        String name = gguf.getFileName().toString().replace(".gguf", "");
        return roots().stream()
                .map(root -> root.resolve(name))
                .filter(Files::isDirectory)
                .findFirst()
                .orElse(null);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aSampleGivesTheReferenceLogitsAndHiddenStates(Path folder) {
        check(folder, folder);
    }

    /** Samples with an older configuration, but for those whose reference is what only release 5 computes. */
    static List<Path> olderSamples() throws IOException {
        List<Path> older = new ArrayList<>();
        for (Path folder : samples()) {
            if (Files.exists(folder.resolve("config.v4.json"))) {
                try (LoadedLanguageModel loaded = LanguageModels.load(folder)) {
                    if (loaded.warnings().stream().noneMatch(warning -> warning.startsWith(AS_RELEASE_5))) {
                        older.add(folder);
                    }
                }
            }
        }
        return older;
    }

    @ParameterizedTest
    @MethodSource("olderSamples")
    void theOlderSpellingOfItsConfigurationMeansTheSame(Path folder, @TempDir Path copy) throws IOException {
        Files.copy(folder.resolve("config.v4.json"), copy.resolve("config.json"));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(file -> file.getFileName().toString().startsWith("model"))
                    .toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        check(copy, folder);
    }

    @ParameterizedTest
    @MethodSource("ggufs")
    void aSampleAsGgufGivesTheReferenceLogitsAndHiddenStates(Path file) {
        check(file, reference(file));
    }

    /** One model in many quantised forms, with the logits of the dequantised weights. */
    static List<Path> quantised() throws IOException {
        List<Path> quantised = new ArrayList<>();
        for (Path root : roots()) {
            Path folder = root.resolve("gguf").resolve("quant");
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    files.filter(file -> file.toString().endsWith(".gguf"))
                            .sorted()
                            .forEach(quantised::add);
                }
            }
        }
        return quantised;
    }

    @ParameterizedTest
    @MethodSource("quantised")
    void aQuantisedFileGivesTheLogitsOfItsDequantisedWeights(Path file) {
        Path logits = file.resolveSibling(file.getFileName().toString().replace(".gguf", ".logits.npy"));
        Path golden = file.resolveSibling("src_qwen3_moe_256").resolve("golden.safetensors");
        try (LoadedLanguageModel loaded = LanguageModels.load(file);
                TensorSource inputs = Safetensors.open(golden)) {
            Map<String, Tensor64> found =
                    Interpreter.run(loaded.graph(), Map.of("ids", tensor(inputs, "input_ids")), List.of("logits"));
            NpyArray expected = Npy.read(logits);
            int[] shape = expected.shape().stream().mapToInt(Math::toIntExact).toArray();
            close(file, "logits", Tensor64.of(shape, expected.floats()), found.get("logits"), TOLERANCE);
        }
    }

    private static void check(Path model, Path reference) {
        try (LoadedLanguageModel loaded = LanguageModels.load(model);
                TensorSource golden = Safetensors.open(reference.resolve("golden.safetensors"))) {
            assertEquals(
                    List.of(),
                    loaded.warnings().stream()
                            .filter(warning ->
                                    !warning.startsWith(AS_RELEASE_5) && !warning.startsWith(WITHOUT_INDEXER))
                            .toList());
            Map<String, Tensor64> feeds = new LinkedHashMap<>();
            Map<String, String> expected = new LinkedHashMap<>();
            if (loaded.encoderDecoder()) {
                feeds.put("encoder_ids", tensor(golden, "input_ids"));
                feeds.put("ids", tensor(golden, "decoder_input_ids"));
            } else {
                feeds.put("ids", tensor(golden, "input_ids"));
                int embedded = STATES_WITHOUT_EMBEDDING.contains(loaded.family()) ? 0 : 1;
                for (int i = 0; i <= loaded.layers(); i++) {
                    // The reference's last hidden state is behind the final norm.
                    String value = i < embedded ? "embed" : i == loaded.layers() ? "norm" : "block" + (i - embedded);
                    if (golden.names().contains("hidden." + i)) {
                        expected.put("hidden." + i, value);
                    }
                }
            }
            expected.put("logits", loaded.graph().outputs().get("logits"));
            Map<String, Tensor64> found = Interpreter.run(loaded.graph(), feeds, expected.values());
            double tolerance = tolerance(reference);
            expected.forEach((name, value) -> close(model, name, tensor(golden, name), found.get(value), tolerance));
        }
    }

    /** 1e-4, or what the float32 reference itself differs from float64 where that is more, doubled. */
    private static double tolerance(Path reference) {
        try {
            JsonNode info =
                    new ObjectMapper().readTree(reference.resolve("info.json").toFile());
            return Math.max(TOLERANCE, 2 * info.path("fp64_maxdiff").asDouble());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(Path model, String name, Tensor64 expected, Tensor64 found, double tolerance) {
        assertEquals(expected.data().length, found.data().length, model + " " + name);
        double largest = 0;
        for (int i = 0; i < expected.data().length; i++) {
            largest = Math.max(largest, Math.abs(expected.data()[i] - found.data()[i]));
        }
        assertTrue(largest <= tolerance, model + ": " + name + " differs by " + largest);
    }

    private static Tensor64 tensor(TensorSource source, String name) {
        TensorInfo info = source.info(name);
        return Tensor64.of(info.shape().stream().mapToInt(Math::toIntExact).toArray(), source.floats(name));
    }
}
