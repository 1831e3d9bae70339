package tilewright.model.family;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tilewright.model.InvalidInputException;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.Verifier;
import tilewright.model.tensor.NearestName;
import tilewright.model.tensor.Safetensors;
import tilewright.model.tensor.TensorSource;

/** The list of model families, and loading by {@code model_type}. */
public final class Families {
    private static final List<Family> ALL = List.of(new VitMoeMultitask(), new Vit(), new Deit(), new M3Vit());
    private static final int NAMED_TENSORS = 10;

    private Families() {}

    /** The {@code model_type}s that can be loaded. */
    public static List<String> modelTypes() {
        return ALL.stream().map(Family::modelType).toList();
    }

    /**
     * Reads {@code config.json} and maps the checkpoint of a model; no weight is loaded.
     *
     * @param folder with {@code config.json} and {@code model.safetensors} (or shards with their index)
     * @throws InvalidInputException when a file is missing or damaged, the family is unknown, or configuration and tensors
     *     do not fit
     */
    public static LoadedModel load(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new InvalidInputException(folder
                    + ": there is no such folder; a model is a folder with config.json and" + " model.safetensors");
        }
        ModelConfig config = ModelConfig.read(folder.resolve("config.json"));
        Family family = family(config);
        TensorSource tensors = Safetensors.open(folder);
        try {
            Weights weights = new Weights(tensors);
            BuiltModel built = build(family, config, weights);
            List<String> warnings = new ArrayList<>(built.warnings());
            List<String> unused = weights.unused();
            if (!unused.isEmpty()) {
                warnings.add("the checkpoint has " + unused.size() + " tensors that the model does not use: "
                        + String.join(", ", unused.subList(0, Math.min(NAMED_TENSORS, unused.size())))
                        + (unused.size() > NAMED_TENSORS ? ", ..." : ""));
            }
            return new LoadedModel(
                    folder, family.modelType(), built.graph(), built.image(), config.json(), tensors, warnings);
        } catch (RuntimeException | Error e) {
            tensors.close();
            throw e;
        }
    }

    private static BuiltModel build(Family family, ModelConfig config, Weights weights) {
        try {
            BuiltModel built = family.build(config, weights);
            Verifier.check(built.graph());
            return built;
        } catch (InvalidGraphException e) {
            // What a family did not check by name: a task called like a value, for example.
            throw new InvalidInputException(config.file() + ": gives no valid graph: " + e.getMessage(), e);
        }
    }

    private static Family family(ModelConfig config) {
        String modelType = config.string("model_type");
        for (Family family : ALL) {
            if (family.modelType().equals(modelType)) {
                return family;
            }
        }
        throw config.wrong(
                "model_type",
                "is " + InvalidInputException.quoted(modelType) + ", expected one of " + String.join(", ", modelTypes())
                        + NearestName.hint(modelType, modelTypes()));
    }
}
