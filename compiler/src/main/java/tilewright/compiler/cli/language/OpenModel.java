package tilewright.compiler.cli.language;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.store.ExpertStore;
import tilewright.edge.store.ResidentRecords;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.store.StoreManifest;
import tilewright.model.tokenizer.Tokenizer;
import tilewright.model.tokenizer.Tokenizers;

/**
 * A language model ready to run.
 *
 * @param model what is on disk
 * @param tokenizer its tokenizer; null where none was asked for
 * @param engine computes it
 */
public record OpenModel(LoadedLanguageModel model, Tokenizer tokenizer, LanguageEngine engine)
        implements AutoCloseable {
    /**
     * Opens model and tokenizer at the same time.
     *
     * @param path a folder, a GGUF file, or an expert store
     * @param options without a context limit the model's is taken
     * @throws InvalidInputException when it is no language model, is damaged, or has no tokenizer
     */
    public static OpenModel withTokenizer(Path path, EngineOptions options) {
        ModelKind.requireLanguage(path);
        CompletableFuture<Tokenizer> tokenizer = CompletableFuture.supplyAsync(() -> Tokenizers.load(path));
        OpenModel open = load(path, options);
        try {
            return new OpenModel(open.model, tokenizer.join(), open.engine);
        } catch (CompletionException e) {
            open.close();
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw e;
        }
    }

    /**
     * Opens a model for ids alone.
     *
     * @throws InvalidInputException when it is no language model, or damaged
     */
    public static OpenModel withoutTokenizer(Path path, EngineOptions options) {
        ModelKind.requireLanguage(path);
        return load(path, options);
    }

    private static OpenModel load(Path path, EngineOptions options) {
        LoadedLanguageModel model = LanguageModels.load(path);
        try {
            int context = options.contextLimit();
            if (context < Integer.MAX_VALUE && context > model.contextLength()) {
                throw new InvalidInputException(path + ": --context is " + context
                        + ", but the model was made for at most " + model.contextLength() + " tokens");
            }
            int limit = Math.min(context, model.contextLength());
            return new OpenModel(model, null, engine(model, options.withContextLimit(limit)));
        } catch (RuntimeException | Error e) {
            model.close();
            throw e;
        }
    }

    /** The engine; the experts of a store are read into memory, unless the options have another source of experts. */
    private static LanguageEngine engine(LoadedLanguageModel model, EngineOptions options) {
        if (options.experts() != null || !StoreManifest.is(model.path())) {
            return LanguageEngine.load(model, options);
        }
        try (ExpertStore store = ExpertStore.open(model.path())) {
            ResidentRecords resident = new ResidentRecords(store, model.path().toString());
            return LanguageEngine.load(model, options.withExperts(resident));
        }
    }

    /** Most tokens of a text. */
    public int contextLimit() {
        return engine.options().contextLimit();
    }

    /** The tokens that end a text: the model's and the tokenizer's. */
    public Set<Integer> endIds() {
        Set<Integer> ends = new LinkedHashSet<>(model.endTokens());
        if (tokenizer != null) {
            for (int id : tokenizer.endIds()) {
                ends.add(id);
            }
        }
        return ends;
    }

    /**
     * Refuses ids that do not leave room for one more token.
     *
     * @param what begins the message, such as {@code the prompt}
     * @throws InvalidInputException saying how long it is and what fits
     */
    public void requireRoom(String what, int tokens) {
        if (tokens >= contextLimit()) {
            throw new InvalidInputException(model.path() + ": " + what + " has " + tokens
                    + " tokens, but the context holds " + contextLimit() + " with the answer; shorten it"
                    + (contextLimit() < model.contextLength()
                            ? ", or allow more with --context, at most " + model.contextLength()
                            : ""));
        }
    }

    /** Ends the engine and unmaps the files. */
    @Override
    public void close() {
        engine.close();
        model.close();
    }
}
