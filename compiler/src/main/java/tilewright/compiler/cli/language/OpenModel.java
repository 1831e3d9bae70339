package tilewright.compiler.cli.language;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tilewright.compiler.OptionException;
import tilewright.compiler.machine.MemoryLimit;
import tilewright.compiler.machine.SystemFiles;
import tilewright.edge.expert.FileCache;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.matrix.ActivationPrecision;
import tilewright.edge.matrix.KernelChoice;
import tilewright.edge.store.DensePartCheck;
import tilewright.edge.store.ExpertStore;
import tilewright.edge.store.RecordShape;
import tilewright.edge.store.ResidentRecords;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.store.StoreManifest;
import tilewright.model.tokenizer.Tokenizer;
import tilewright.model.tokenizer.Tokenizers;

/**
 * A language model ready to run.
 *
 * @param model what is on disk
 * @param tokenizer its tokenizer; null where none was asked for
 * @param engine computes it
 * @param experts those that are read on demand; null when all stay in memory
 * @param watch samples the memory that all of it takes; null without a budget
 */
public record OpenModel(
        LoadedLanguageModel model,
        Tokenizer tokenizer,
        LanguageEngine engine,
        StreamedExperts experts,
        MemoryWatch watch)
        implements AutoCloseable {
    /**
     * Opens model and tokenizer at the same time.
     *
     * @param path a folder, a GGUF file, or an expert store
     * @param options without a context limit the model's is taken
     * @param memory how experts are read on demand
     * @param notices takes a line for each thing that a user should know
     * @throws InvalidInputException when it is no language model, is damaged, has no tokenizer, or needs more memory
     * @throws OptionException when the model does not allow an option's value
     */
    public static OpenModel withTokenizer(
            Path path, EngineOptions options, MemoryOptions memory, Consumer<String> notices) {
        return withTokenizer(path, options, false, memory, notices);
    }

    /**
     * As above.
     *
     * @param fastest whether activations take the precision that is fastest for this model, whatever the options say
     */
    public static OpenModel withTokenizer(
            Path path, EngineOptions options, boolean fastest, MemoryOptions memory, Consumer<String> notices) {
        ModelKind.requireLanguage(path);
        CompletableFuture<Tokenizer> tokenizer = CompletableFuture.supplyAsync(() -> Tokenizers.load(path));
        OpenModel open = load(path, options, fastest, memory, notices);
        try {
            return new OpenModel(open.model, tokenizer.join(), open.engine, open.experts, open.watch);
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
     * @param memory how experts are read on demand
     * @param notices takes a line for each thing that a user should know
     * @throws InvalidInputException when it is no language model, is damaged, or needs more memory
     * @throws OptionException when the model does not allow an option's value
     */
    public static OpenModel withoutTokenizer(
            Path path, EngineOptions options, MemoryOptions memory, Consumer<String> notices) {
        return withoutTokenizer(path, options, false, memory, notices);
    }

    /**
     * As above.
     *
     * @param fastest whether activations take the precision that is fastest for this model, whatever the options say
     */
    public static OpenModel withoutTokenizer(
            Path path, EngineOptions options, boolean fastest, MemoryOptions memory, Consumer<String> notices) {
        ModelKind.requireLanguage(path);
        return load(path, options, fastest, memory, notices);
    }

    /** The options with the fastest precision for a model; says when it is not the exact one. */
    private static EngineOptions fastest(LoadedLanguageModel model, EngineOptions options, Consumer<String> notices) {
        boolean quantised = StoreManifest.is(model.path())
                ? storeIsQuantised(model)
                : model.graph().parameters().values().stream()
                        .flatMap(parameter -> parameter.data().encoded().stream())
                        .anyMatch(matrix -> matrix.format().blockElements() > 1);
        if (quantised && options.kernels() == KernelChoice.AUTO && KernelChoice.nativeProblem() != null) {
            notices.accept("kernels in C would be faster: " + KernelChoice.nativeProblem());
        }
        if (!quantised || !options.kernels().hasNative()) {
            return options.withActivations(ActivationPrecision.FLOAT);
        }
        notices.accept("activations are rounded to 8 bits where they meet quantised weights, which is faster;"
                + " --activations float keeps them exact");
        return options.withActivations(ActivationPrecision.INT8);
    }

    /** Whether a store holds anything in fewer bits than the formats of floats have. */
    private static boolean storeIsQuantised(LoadedLanguageModel model) {
        if (model.tensors().names().stream()
                .anyMatch(name -> model.tensors().info(name).dtype().blockElements() > 1)) {
            return true;
        }
        try (ExpertStore store = ExpertStore.open(model.path())) {
            for (int layer = 0; layer < store.layers(); layer++) {
                for (int expert = 0; expert < store.experts(layer); expert++) {
                    if (isQuantised(store.shape(layer, expert))) {
                        return true;
                    }
                }
            }
            return false;
        }
    }

    private static boolean isQuantised(RecordShape shape) {
        return Arrays.stream(ExpertMatrix.values())
                .map(shape::form)
                .anyMatch(form ->
                        form != null && (form.stored() == null || form.stored().blockElements() > 1));
    }

    /** Why no expert of a model can be read by itself, and what to do. */
    static String withoutExperts(Path path, LoadedLanguageModel model) {
        return ExpertLayer.of(model.graph()).isEmpty()
                ? "the model has none; leave it out"
                : "the model's files do not hold them one by one as they are computed; pack it first: tilewright pack "
                        + path + " --bits as-stored -o DIR";
    }

    private static OpenModel load(
            Path path, EngineOptions given, boolean fastest, MemoryOptions memory, Consumer<String> notices) {
        MemoryWatch watch = memory.isGiven() ? MemoryWatch.start(memory.bytes()) : null;
        LoadedLanguageModel model = null;
        StreamedExperts experts = null;
        try {
            if (StoreManifest.is(path)) {
                // Before anything else reads it, so that damage is not taken for something else.
                DensePartCheck.require(StoreManifest.read(path), !memory.isGiven());
            }
            model = LanguageModels.load(path);
            EngineOptions options = fastest ? fastest(model, given, notices) : given;
            int context = options.contextLimit();
            if (context < Integer.MAX_VALUE && context > model.contextLength()) {
                throw new OptionException(path + ": --context is " + context + ", but the model was made for at most "
                        + model.contextLength() + " tokens");
            }
            EngineOptions limited = options.withContextLimit(Math.min(context, model.contextLength()));
            if (memory.isGiven()) {
                MemoryLimit.exceededBy(new SystemFiles(Path.of("/")), memory.bytes())
                        .ifPresent(notices);
            } else {
                return new OpenModel(model, null, engine(model, limited), null, null);
            }
            experts = new StreamedExperts(model.graph(), ExpertFiles.of(path, model, notices), memory.streaming());
            if (!experts.streams()) {
                throw new OptionException(
                        path + ": --memory reads experts on demand, but " + withoutExperts(path, model));
            }
            List<Path> files = files(model, experts);
            watch.files(files);
            MemoryPlan.requireWeights(path, model, experts, memory.bytes());
            LanguageEngine engine = LanguageEngine.load(model, limited.withExperts(experts));
            packDense(engine, files);
            return new OpenModel(model, null, engine, experts, watch);
        } catch (RuntimeException | Error e) {
            if (experts != null) {
                experts.close();
            }
            if (model != null) {
                model.close();
            }
            if (watch != null) {
                watch.close();
            }
            throw e;
        }
    }

    /** Reads and packs what every token needs; pages of the files that hold it do not stay in the system's cache. */
    static void packDense(LanguageEngine engine, List<Path> files) {
        List<FileCache> caches = files.stream().map(FileCache::of).toList();
        try {
            // The system reads ahead, so that more comes into its cache than a matrix's own pages.
            engine.packDense(() -> caches.forEach(cache -> cache.drop(0, 0)));
        } finally {
            caches.forEach(FileCache::close);
        }
    }

    /** All files that hold weights. */
    static List<Path> files(LoadedLanguageModel model, StreamedExperts experts) {
        return Stream.concat(
                        model.tensors().names().stream()
                                .map(name -> model.tensors().info(name).file()),
                        experts.files().stream())
                .distinct()
                .toList();
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

    /**
     * Shares the budget: keys and values of these texts, everything else that must be there, and experts in the rest; once,
     * before the first step. Does nothing without a budget.
     *
     * @param notices takes a line when a conversation has to be shorter than the model allows
     * @throws BudgetException when the budget is too small
     */
    public OpenModel share(MemoryOptions memory, MemoryNeed need, Consumer<String> notices) {
        if (experts != null) {
            MemoryPlan plan = MemoryPlan.share(model.path(), model, engine, experts, memory.bytes(), need);
            watch.opened();
            if (need.open() && plan.tokens() < need.tokens()) {
                notices.accept("the conversation may have " + plan.tokens()
                        + " tokens within the budget; --context reserves memory for more");
            }
        }
        return this;
    }

    /**
     * Begins with the experts that an earlier run had in memory, and keeps them for the next one; after {@link #share}.
     *
     * @param state where Tilewright keeps what outlives a command
     * @param notices takes a line for each thing that a user should know
     */
    public OpenModel warm(Path state, Consumer<String> notices) {
        if (experts != null) {
            experts.warmStart(state.resolve("heat").resolve(experts.digest() + ".heat"), notices);
        }
        return this;
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
     * @throws OptionException saying how long it is and what fits
     */
    public void requireRoom(String what, int tokens) {
        if (tokens >= contextLimit()) {
            throw new OptionException(model.path() + ": " + what + " has " + tokens
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
        if (experts != null) {
            experts.close();
        }
        model.close();
        if (watch != null) {
            watch.close();
        }
    }
}
