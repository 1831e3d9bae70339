package tilewright.model.family.language;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import tilewright.model.InvalidInputException;
import tilewright.model.family.ModelConfig;
import tilewright.model.family.language.FamilyFile.GgufArchitecture;
import tilewright.model.family.language.ModelBuilder.Built;
import tilewright.model.gguf.Gguf;
import tilewright.model.gguf.GgufMetadata;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Graph;
import tilewright.model.graph.Type;
import tilewright.model.store.StoreManifest;
import tilewright.model.tensor.NearestName;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;

/** Loads language models, from folders with safetensors and from GGUF files, by the family files. */
public final class LanguageModels {
    private static final List<String> CONTEXT_KEYS = List.of(
            "max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "n_ctx", "max_sequence_length");

    private LanguageModels() {}

    /** The {@code model_type}s that can be loaded, sorted. */
    public static List<String> modelTypes() {
        return FamilyLibrary.builtIn().modelTypes();
    }

    /**
     * Reads a model's configuration and builds its graph; no weight is loaded.
     *
     * @param path a folder with {@code config.json} and safetensors, a {@code .gguf} file, or the folder of an expert store, whose
     *     experts' parameters then have shapes but no elements
     * @throws InvalidInputException when a file is missing or damaged, the family is unknown, or configuration and tensors do
     *     not fit
     */
    public static LoadedLanguageModel load(Path path) {
        return load(path, FamilyLibrary.builtIn());
    }

    /**
     * Loads a model whose tensors are seen through another source, such as one that notes which are read.
     *
     * @param seen makes that source of the opened one, which it closes when it is closed
     */
    public static LoadedLanguageModel load(Path path, UnaryOperator<TensorSource> seen) {
        return load(path, FamilyLibrary.builtIn(), seen);
    }

    /** Loads by the families of a library; for tests. */
    static LoadedLanguageModel load(Path path, FamilyLibrary library) {
        return load(path, library, UnaryOperator.identity());
    }

    private static LoadedLanguageModel load(Path path, FamilyLibrary library, UnaryOperator<TensorSource> seen) {
        if (StoreManifest.is(path)) {
            StoreManifest manifest = StoreManifest.read(path);
            return manifest.dense().equals(StoreManifest.DENSE_GGUF)
                    ? loadGguf(path, manifest.denseFile(), library, source -> seen.apply(manifest.tensors(source)))
                    : loadFolder(path, library, source -> seen.apply(manifest.tensors(source)));
        }
        if (Files.isDirectory(path)) {
            StoreManifest.refuseRest(path);
            return loadFolder(path, library, seen);
        }
        if (!Files.exists(path)) {
            throw new InvalidInputException(path
                    + ": there is no such file; a model is a folder with config.json and safetensors, or a .gguf file");
        }
        return loadGguf(path, path, library, seen);
    }

    /** Loads a folder; {@code complete} makes the source to read from of the opened one. */
    private static LoadedLanguageModel loadFolder(
            Path folder, FamilyLibrary library, UnaryOperator<TensorSource> complete) {
        ModelConfig json = ModelConfig.read(folder.resolve("config.json"));
        FamilyFile family = family(json, library);
        Value.Fields config = Config.fields(json.json(), "");
        if (family.inner() != null && config.values().get(family.inner()) instanceof Value.Fields inner) {
            Map<String, Value> merged = new LinkedHashMap<>(inner.values());
            config.values().forEach(merged::putIfAbsent);
            config = new Value.Fields(merged, inner.origin());
        }
        TensorSource opened = Safetensors.open(folder);
        try {
            TensorSource tensors = complete.apply(opened);
            ModelBuilder builder =
                    new ModelBuilder(json.file().toString(), family, library, config, tensors, null, null);
            Built built = builder.build();
            ConfiguredSizes.check(json.file().toString(), true, built.graph(), config);
            Path generation = folder.resolve("generation_config.json");
            JsonNode generating = Files.isRegularFile(generation)
                    ? ModelConfig.read(generation).json()
                    : null;
            return describe(folder, family, built, config, json.json(), generating, tensors);
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }

    private static FamilyFile family(ModelConfig config, FamilyLibrary library) {
        FamilyFile family = null;
        if (config.has("model_type")) {
            family = library.byModelType(config.string("model_type"));
        }
        JsonNode architectures = config.json().path("architectures");
        for (int i = 0; family == null && i < Math.min(8, architectures.size()); i++) {
            family = library.byArchitecture(architectures.get(i).asText());
        }
        if (family == null) {
            String modelType = config.string("model_type");
            throw config.wrong(
                    "model_type",
                    "is " + InvalidInputException.quoted(modelType) + ", expected one of "
                            + String.join(", ", library.modelTypes())
                            + NearestName.hint(modelType, library.modelTypes()));
        }
        return family;
    }

    /** Loads a file as the model at {@code path}; {@code complete} makes the source to read from of the opened one. */
    private static LoadedLanguageModel loadGguf(
            Path path, Path file, FamilyLibrary library, UnaryOperator<TensorSource> complete) {
        Gguf gguf = Gguf.open(file);
        try {
            TensorSource tensors = complete.apply(gguf);
            GgufMetadata metadata = gguf.metadata();
            String architecture = metadata.string(GgufMetadata.ARCHITECTURE);
            for (FamilyFile family : library.byGguf(architecture)) {
                Value.Fields config = new Value.Fields(new LinkedHashMap<>(), "");
                ModelBuilder builder =
                        new ModelBuilder(file.toString(), family, library, config, tensors, metadata, architecture);
                if (reads(family, architecture, builder)) {
                    Built built = builder.build();
                    ConfiguredSizes.check(file.toString(), false, built.graph(), config);
                    return describe(path, family, built, config, Config.json(config), null, tensors);
                }
            }
            List<FamilyFile> readers = library.byGguf(architecture);
            if (!readers.isEmpty()) {
                throw new InvalidInputException(file + ": general.architecture is "
                        + InvalidInputException.quoted(architecture) + ", which is read by "
                        + String.join(
                                ", ", readers.stream().map(FamilyFile::name).toList())
                        + ", but not with these metadata");
            }
            throw new InvalidInputException(file + ": general.architecture is "
                    + InvalidInputException.quoted(architecture) + ", expected one of "
                    + String.join(", ", library.ggufArchitectures())
                    + NearestName.hint(architecture, library.ggufArchitectures()));
        } catch (RuntimeException | Error e) {
            gguf.close();
            throw e;
        }
    }

    private static boolean reads(FamilyFile family, String architecture, ModelBuilder builder) {
        for (GgufArchitecture gguf : family.ggufs()) {
            if (gguf.name().equals(architecture)) {
                return gguf.condition() == null || builder.holds(gguf.condition());
            }
        }
        return false;
    }

    private static LoadedLanguageModel describe(
            Path path,
            FamilyFile family,
            Built built,
            Value.Fields config,
            JsonNode json,
            JsonNode generation,
            TensorSource tensors) {
        Graph graph = built.graph();
        Map<String, Type> types = graph.types();
        int layers = 0;
        while (types.containsKey("block" + layers)) {
            layers++;
        }
        Type embed = types.get("embed");
        Value.Fields generating = generation == null ? new Value.Fields(Map.of(), "") : Config.fields(generation, "");
        Set<Integer> ends = new LinkedHashSet<>(ids(generating, "eos_token_id"));
        ends.addAll(ids(config, "eos_token_id"));
        // A decoder that is not told how to begin begins as a text does.
        List<Integer> starts = new ArrayList<>(ids(generating, "decoder_start_token_id"));
        starts.addAll(ids(config, "decoder_start_token_id"));
        starts.addAll(ids(config, "bos_token_id"));
        return new LoadedLanguageModel(
                path,
                family.name(),
                graph,
                last(types.get(graph.outputs().get("logits"))),
                contextLength(config),
                embed == null ? 0 : last(embed),
                layers,
                first(ids(config, "bos_token_id")),
                List.copyOf(ends),
                types.containsKey("encoder_ids"),
                types.containsKey("encoder_ids") ? first(starts) : OptionalInt.empty(),
                json,
                tensors,
                built.warnings());
    }

    private static int last(Type type) {
        return type.shape().dim(-1) instanceof Dim.Fixed(long size) ? Math.toIntExact(size) : 0;
    }

    private static OptionalInt first(List<Integer> ids) {
        return ids.isEmpty() ? OptionalInt.empty() : OptionalInt.of(ids.getFirst());
    }

    /** The ids of a key that holds one or several; what is no id is left out. */
    private static List<Integer> ids(Value.Fields config, String key) {
        List<Integer> ids = new ArrayList<>();
        Value value = config.values().get(key);
        List<Value> items = value instanceof Value.Items(List<Value> list, String origin)
                ? list
                : value == null ? List.of() : List.of(value);
        for (Value item : items) {
            if (item instanceof Value.Whole(long id, String origin) && id >= 0 && id < Integer.MAX_VALUE) {
                ids.add((int) id);
            }
        }
        return ids;
    }

    private static int contextLength(Value.Fields config) {
        for (String key : CONTEXT_KEYS) {
            if (config.values().get(key) instanceof Value.Whole(long length, String origin) && length > 0) {
                return (int) Math.min(length, Integer.MAX_VALUE);
            }
        }
        return Integer.MAX_VALUE;
    }
}
