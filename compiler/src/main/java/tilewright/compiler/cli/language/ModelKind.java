package tilewright.compiler.cli.language;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tilewright.compiler.build.BuildDirectory;
import tilewright.model.InvalidInputException;
import tilewright.model.family.Families;
import tilewright.model.family.ModelConfig;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.store.StoreManifest;
import tilewright.model.tensor.NearestName;

/** What a path that a user gives as MODEL holds. */
public enum ModelKind {
    /** A vision transformer in a folder. */
    VISION,
    /** A language model, in a folder, a GGUF file or an expert store; also what is not there at all, which its loader explains. */
    LANGUAGE,
    /** A folder that {@code compile} wrote; today these hold vision designs only. */
    BUILD;

    private static final String MODEL_TYPE = "model_type";

    /**
     * Looks at a path; weights are not touched.
     *
     * @throws InvalidInputException when it is a folder without a readable {@code config.json}, or of an unknown family
     */
    public static ModelKind of(Path path) {
        if (!Files.isDirectory(path)) {
            return LANGUAGE;
        }
        if (BuildDirectory.is(path)) {
            return BUILD;
        }
        if (StoreManifest.is(path)) {
            return LANGUAGE;
        }
        ModelConfig config = ModelConfig.read(path.resolve("config.json"));
        String type = config.has(MODEL_TYPE) ? config.json().path(MODEL_TYPE).asText() : "";
        if (Families.modelTypes().contains(type)) {
            return VISION;
        }
        if (LanguageModels.modelTypes().contains(type) || config.json().has("architectures")) {
            return LANGUAGE;
        }
        List<String> known = new ArrayList<>(Families.modelTypes());
        known.addAll(LanguageModels.modelTypes());
        throw new InvalidInputException(config.file() + ": key '" + MODEL_TYPE + "' is "
                + (type.isEmpty() ? "missing" : InvalidInputException.quoted(type)) + ", expected one of "
                + String.join(", ", known) + NearestName.hint(type, known));
    }

    /**
     * Refuses what is no language model.
     *
     * @throws InvalidInputException saying what the path holds and which commands take it
     */
    public static void requireLanguage(Path path) {
        requireNoBuild(path);
        if (of(path) == VISION) {
            throw new InvalidInputException(path + ": is a vision model; give the folder or the .gguf file of a"
                    + " language model (eval and run --image take vision models)");
        }
    }

    /**
     * Refuses a build directory where a language model is wanted.
     *
     * @throws InvalidInputException saying what it holds
     */
    public static void requireNoBuild(Path path) {
        if (BuildDirectory.is(path)) {
            throw new InvalidInputException(path + ": is a build directory, which holds a vision design; give the"
                    + " folder or the .gguf file of a language model");
        }
    }

    /**
     * Refuses a language model where images are wanted.
     *
     * @throws InvalidInputException naming the commands that take it
     */
    public static void requireVision(Path path) {
        requireVision(path, "takes no images; give --prompt TEXT or --chat instead of --image");
    }

    /**
     * Refuses a language model where a vision model is wanted.
     *
     * @param why what a language model does not do, and the way out
     * @throws InvalidInputException saying so
     */
    public static void requireVision(Path path, String why) {
        if (Files.isRegularFile(path) || Files.isDirectory(path) && isLanguageFolder(path)) {
            throw new InvalidInputException(path + ": is a language model and " + why);
        }
    }

    private static boolean isLanguageFolder(Path folder) {
        Path file = folder.resolve("config.json");
        if (StoreManifest.is(folder)) {
            return true;
        }
        return !BuildDirectory.is(folder)
                && Files.isRegularFile(file)
                && LanguageModels.modelTypes()
                        .contains(ModelConfig.read(file).json().path(MODEL_TYPE).asText());
    }
}
