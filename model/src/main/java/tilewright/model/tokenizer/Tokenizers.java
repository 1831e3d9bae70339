package tilewright.model.tokenizer;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import tilewright.model.InvalidInputException;
import tilewright.model.gguf.Gguf;
import tilewright.model.gguf.GgufMetadata;
import tilewright.model.store.StoreManifest;

/** Finds and loads the tokenizer of a model. */
public final class Tokenizers {
    private Tokenizers() {}

    /**
     * Loads the tokenizer of a model folder ({@code tokenizer.json} and the files beside it) or of a GGUF file.
     *
     * @param path a folder, a {@code tokenizer.json} or a {@code .gguf} file
     * @throws InvalidInputException if there is none, it is damaged, or it uses what is not supported
     */
    public static Tokenizer load(Path path) {
        Path model = StoreManifest.described(path);
        String name = model.getFileName() == null ? "" : model.getFileName().toString();
        if (Files.isDirectory(model)) {
            if (!Files.isRegularFile(model.resolve("tokenizer.json"))) {
                throw new InvalidInputException(model
                        + ": there is no tokenizer.json in this folder; fetch it from where the model is published");
            }
            return HfTokenizer.load(model);
        }
        if (!Files.isRegularFile(model)) {
            throw new InvalidInputException(model + ": there is no such file; expected a model folder or a GGUF file");
        }
        if (name.equals("tokenizer.json")) {
            return HfTokenizer.load(model.toAbsolutePath().getParent());
        }
        if (!name.toLowerCase(Locale.ROOT).endsWith(".gguf")) {
            throw new InvalidInputException(
                    model + ": is neither a folder nor a .gguf file; expected one of these or a tokenizer.json");
        }
        try (Gguf gguf = Gguf.open(model)) {
            return load(gguf.metadata());
        }
    }

    /**
     * Makes the tokenizer of the vocabulary inside a GGUF file, which may be closed afterwards.
     *
     * @throws InvalidInputException if the file has none, it is damaged, or it uses what is not supported
     */
    public static Tokenizer load(GgufMetadata metadata) {
        return GgufVocabularies.tokenizer(metadata);
    }
}
