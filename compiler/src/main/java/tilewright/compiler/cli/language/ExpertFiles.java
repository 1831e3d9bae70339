package tilewright.compiler.cli.language;

import java.nio.file.Path;
import java.util.function.Consumer;
import tilewright.edge.expert.ExpertRecords;
import tilewright.edge.expert.FileExperts;
import tilewright.edge.store.ExpertStore;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.store.StoreManifest;

/** Where a model's experts lie on storage: in a store, or in the model's own files. */
public final class ExpertFiles {
    private ExpertFiles() {}

    /**
     * The experts of a model, which stays open.
     *
     * @param notices takes a line for each thing that is not as one would wish
     * @throws tilewright.model.InvalidInputException when files cannot be read or are damaged
     */
    public static ExpertRecords of(Path path, LoadedLanguageModel model, Consumer<String> notices) {
        return StoreManifest.is(path)
                ? ExpertStore.open(path)
                : new FileExperts(model.graph(), model.tensors(), notices);
    }
}
