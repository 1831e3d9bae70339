package tilewright.compiler.profile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import tilewright.compiler.Progress;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.codes.MatrixQuantiser;
import tilewright.compiler.codes.ScaleSearch;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LoadedLanguageModel;

/**
 * Profiles a model: runs calibration text, then quantises matrices and looks at outputs and predictions.
 *
 * <p>What was found is saved beside the result, as {@code NAME.partial} and {@code NAME.partial.measured}, and a later run with the same model, text and options goes on
 * from there; the result depends neither on it nor on where experts are.
 */
public final class Profiler {
    /** Matrices of small models are quantised once for all steps of the sensitivity's text. */
    private static final long MOST_KEPT = 64L << 20;

    private final ProfilePlan plan;
    private final ExpertMemory memory;
    private final Path out;
    private final Checkpoints checkpoints;
    /** What the text has shown, which is large and complete once the text has been read. */
    private final State gathered;
    /** What is measured after that. */
    private final State state;

    /** At {@link ExpertErrors#DONE}, {@link Sensitivity#DONE} and {@link Trials#DONE} what they have done. */
    private final double[] done;

    private final Calibration calibration;
    private final double[] divergence;
    /** Of each trial divergence, increase of the loss and its square, summed over tokens. */
    private final double[] trialSums;

    /** Null where sensitivity is not measured. */
    private final LayerBearing bearing;

    private final ExpertErrors errors;

    private Profiler(ProfilePlan plan, ExpertMemory memory, Path out, Progress progress) {
        this.plan = plan;
        this.memory = memory;
        this.out = out;
        this.checkpoints = new Checkpoints(plan.options().checkpointSeconds(), progress);
        byte[] purpose = plan.purpose();
        this.gathered = new State(gathered(out), purpose);
        this.state = new State(measured(out), purpose);
        this.calibration = new Calibration(plan, gathered);
        this.done = state.doubles("done", 4);
        this.divergence = state.doubles("divergence", plan.groups());
        this.trialSums = state.doubles("trials", plan.trialTokens() > 0 ? Trials.sums(plan.unit()) : 0);
        this.bearing = plan.unit() == SensitivityUnit.NONE
                ? null
                : new LayerBearing(state, plan.layers(), plan.windows().spread(plan.sensitivityTokens()));
        this.errors = new ExpertErrors(plan, state, done);
    }

    /**
     * Profiles a model with all of it in memory, and writes the result; see {@link #profile(LoadedLanguageModel, String, int[],
     * ProfileOptions, ExpertMemory, Path, Progress)}.
     */
    public static void profile(
            LoadedLanguageModel model, String digest, int[] ids, ProfileOptions options, Path out, Progress progress) {
        profile(model, digest, ids, options, ExpertMemory.ALL, out, progress);
    }

    private static Path gathered(Path out) {
        return out.resolveSibling(out.getFileName() + ".partial");
    }

    private static Path measured(Path out) {
        return out.resolveSibling(out.getFileName() + ".partial.measured");
    }

    /**
     * Whether the profile that these options lead to is there already, whole and undamaged.
     *
     * @param replace whether it is to be made anew, and what another run has left may be replaced
     * @throws InvalidInputException when there is something that may not be replaced: another profile or a damaged one, the unfinished one of
     *     another model, text or other options, or a file that is no profile; and as {@link #profile} does
     */
    public static boolean isFinished(
            LoadedLanguageModel model, String digest, int[] ids, ProfileOptions options, Path out, boolean replace) {
        require(model, ids, options);
        ProfilePlan plan = new ProfilePlan(model, digest, ids, options);
        if (Files.exists(out)) {
            if (!ProfileFile.is(out)) {
                throw new InvalidInputException(
                        out + ": is there and is no profile that can be read; delete it, or name another file with -o");
            }
            if (!replace) {
                requireSame(plan, out);
                return true;
            }
        }
        for (Path partial : replace ? List.<Path>of() : List.of(gathered(out), measured(out))) {
            if (new State(partial, plan.purpose()).isOther()) {
                throw new InvalidInputException(partial
                        + ": a profile was begun of another model or text, or with other options; give the same to"
                        + " go on, or --force to begin again");
            }
        }
        return false;
    }

    private static void requireSame(ProfilePlan plan, Path out) {
        boolean same;
        try (ProfileFile there = ProfileFile.open(out)) {
            same = there.header().settings().equals(plan.settings());
            if (same) {
                there.verify();
            }
        } catch (InvalidInputException e) {
            throw new InvalidInputException(e.getMessage() + " with --force", e);
        }
        if (!same) {
            throw new InvalidInputException(out + ": holds a profile of another model or text, or of other options;"
                    + " --force replaces it, -o names another place");
        }
    }

    private static void require(LoadedLanguageModel model, int[] ids, ProfileOptions options) {
        if (model.encoderDecoder()) {
            throw new InvalidInputException(
                    model.path() + ": has an encoder; profiles are made of models that continue one text");
        }
        if (ids.length <= options.window()) {
            throw new InvalidInputException(model.path() + ": the calibration text has " + ids.length
                    + " tokens, a window of " + options.window() + " needs at least " + (options.window() + 1));
        }
        if (options.window() > model.contextLength()) {
            throw new InvalidInputException(model.path() + ": the window is " + options.window()
                    + " tokens, but the context holds " + model.contextLength());
        }
    }

    /**
     * Profiles a model and writes the result.
     *
     * @param digest of the model, hexadecimal
     * @param ids calibration text, more than a window
     * @param memory where the model's experts are
     * @param out appears when the profile is complete
     * @throws InvalidInputException when the model has no experts or an encoder, the text is shorter than a window, or a saved state is
     *     damaged
     * @throws UncheckedIOException when a file cannot be written
     */
    public static void profile(
            LoadedLanguageModel model,
            String digest,
            int[] ids,
            ProfileOptions options,
            ExpertMemory memory,
            Path out,
            Progress progress) {
        require(model, ids, options);
        ProfilePlan plan = new ProfilePlan(model, digest, ids, options);
        Profiler profiler = new Profiler(plan, memory, out, progress);
        memory.require(model, profiler.gathered.tableBytes());
        try (ForkJoinPool pool = new ForkJoinPool(options.threads())) {
            pool.submit(profiler::run).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void run() {
        try (gathered;
                state) {
            gathered.restore();
            state.restore();
            if (!calibration.complete()) {
                gathered.begin();
                calibrate();
            }
            gathered.settle();
            measure();
        }
        try {
            gathered.delete();
            state.delete();
        } catch (IOException e) {
            throw new UncheckedIOException(out + ": what was saved beside it cannot be deleted", e);
        }
    }

    private void calibrate() {
        with(calibration.values(), List.of(), (engine, experts, use) -> {
            ProfileMemory needs = new ProfileMemory(plan);
            // Nothing is given up later that has taken hours by then.
            var later = new ExpertMemory.Later(needs.measuring(engine), gathered.tableBytes());
            use.share(engine, needs.calibrating(), List.of(later));
            calibration.run(engine, experts, checkpoints);
        });
    }

    private void measure() {
        with(List.of(), List.of(gathered.file()), (engine, experts, use) -> {
            long second = use.share(engine, new ProfileMemory(plan).measuring(engine), List.of());
            errors.measure(calibration, experts, checkpoints);
            float[][] found = measureSensitivity(engine, experts);
            List<Trial> trials = tryAllocations(engine, experts, use, second, found);
            measureBearing(engine, experts);
            write(trials, found);
        });
    }

    private void write(List<Trial> trials, float[][] sensitivity) {
        try {
            ProfileWriter.write(
                    out,
                    plan.header(calibration.loss(), trials),
                    calibration.statistics(),
                    calibration.rows(),
                    errors.errors(),
                    sensitivity,
                    bearing);
        } catch (IOException e) {
            throw new UncheckedIOException(out + ": cannot be written", e);
        }
    }

    /** Work with an engine. */
    private interface EngineWork {
        void run(LanguageEngine engine, SubstitutedExperts experts, ExpertMemory.Use use);
    }

    private void with(List<String> keep, List<Path> besides, EngineWork work) {
        EngineOptions options = Windows.engineOptions(
                        plan.options().threads(), plan.options().window())
                .withKeep(keep);
        try (ExpertMemory.Use use = memory.begin(plan.model(), besides)) {
            checkpoints.also(use::tidy);
            SubstitutedExperts experts = new SubstitutedExperts(use.source());
            try (LanguageEngine engine = LanguageEngine.load(plan.model(), options.withExperts(experts))) {
                work.run(engine, experts, use);
            }
        }
    }

    /** Exchanges matrices, looks at the predictions, and says what that means for each matrix: by layer, [experts, matrices]. */
    private float[][] measureSensitivity(LanguageEngine engine, SubstitutedExperts experts) {
        float[][] found = errors.exchanged().toArray(float[][]::new);
        float[][] energies = calibration.energies();
        SampledSensitivity sampled = plan.sampled()
                ? new SampledSensitivity(
                        plan.shapes(), found, energies, plan.options().exchanges())
                : null;
        List<List<MatrixPlace>> groups = sampled == null ? plan.unit().groups(plan.expertLayers()) : sampled.groups();
        Windows text = plan.windows().spread(plan.sensitivityTokens());
        Sensitivity sensitivity = new Sensitivity(groups, text, divergence, done);
        List<QuantisedExperts> quantised = quantised();
        if (done[Sensitivity.DONE] < sensitivity.exchanges()) {
            checkpoints.save(state, true);
        }
        sensitivity.measure(
                engine,
                experts,
                plan.layers(),
                (place, arena) -> quantised
                        .get(place.layer())
                        .quantised(place.expert(), place.matrix(), Sensitivity.BITS, moments(place), arena),
                ProfileMemory.weights(plan.expertLayers()) <= MOST_KEPT,
                () -> checkpoints.done(state, "sensitivity", done[Sensitivity.DONE], sensitivity.exchanges()));
        if (sampled != null) {
            return sampled.sensitivity(divergence, text.tokens(), found);
        }
        float[][] routed = new float[plan.layers().size()][];
        for (int i = 0; i < routed.length; i++) {
            routed[i] = calibration.statistics().get(i).tokens();
            for (int expert = 0; expert < routed[i].length; expert++) {
                routed[i][expert] *= (float) text.tokens() / plan.windows().tokens();
            }
        }
        return Sensitivity.shared(groups, divergence, text.tokens(), plan.shapes(), found, energies, routed);
    }

    /** Makes the codes that are exchanged and tried: of a large model quick ones. */
    private MatrixQuantiser exchanging() {
        return plan.sampled() ? ScaleSearch.fast() : plan.options().quantiser();
    }

    private List<QuantisedExperts> quantised() {
        return plan.expertLayers().stream()
                .map(layer -> new QuantisedExperts(layer, exchanging()))
                .toList();
    }

    private InputMoments moments(MatrixPlace place) {
        return calibration.statistics().get(place.layer()).quantisingMoments(place.expert(), place.matrix());
    }

    /** Lets rules allocate, and measures what that does. */
    private List<Trial> tryAllocations(
            LanguageEngine engine, SubstitutedExperts experts, ExpertMemory.Use use, long second, float[][] found) {
        if (plan.trialTokens() == 0 || plan.unit() == SensitivityUnit.NONE) {
            return List.of();
        }
        Windows windows = plan.windows();
        Trials trials = new Trials(plan.unit(), windows.spread(plan.trialTokens()), trialSums, done);
        Path file = out.resolveSibling(out.getFileName() + ".partial.trial");
        AllocationMeasurement.Storage storage =
                plan.sampled() && second > 0 ? new AllocationMeasurement.Storage(file, second, use::tidy) : null;
        return trials.run(
                model(errors.errors(), found),
                model(errors.exchanged(), found),
                () -> new AllocationMeasurement(
                        plan.model().graph(),
                        engine,
                        experts,
                        exchanging(),
                        this::moments,
                        // Quick codes are not fitted: that would take longer than they do.
                        layer -> plan.sampled()
                                ? TokenRows.none()
                                : calibration.rows().get(layer).rows(),
                        storage),
                () -> checkpoints.done(state, "try allocations", done[Trials.DONE], trials.steps()));
    }

    private MeasuredModel model(List<float[]> of, float[][] sensitivity) {
        return new MeasuredModel(plan.shapes(), plan.windows().tokens(), calibration.statistics(), of, sensitivity);
    }

    /** Lets precision give way as it may at run time. */
    private void measureBearing(LanguageEngine engine, SubstitutedExperts experts) {
        if (bearing != null) {
            bearing.measure(
                    plan.model().graph(),
                    engine,
                    experts,
                    calibration.statistics(),
                    plan.options().quantiser(),
                    errors.errors(),
                    (phase, part, all) -> checkpoints.done(state, phase, part, all));
        }
    }
}
