package tilewright.compiler.profile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import tilewright.compiler.Progress;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.Tensor;
import tilewright.edge.language.LanguageEngine;
import tilewright.model.InvalidInputException;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;

/**
 * Profiles a model: runs calibration text, then quantises matrices and looks at outputs and predictions.
 *
 * <p>What was found is saved beside the result, as {@code NAME.partial} and {@code NAME.partial.measured}, and a later run with the same model, text and options goes on
 * from there; the result does not depend on it.
 */
public final class Profiler {
    private static final int SENSITIVITY_TOKENS = 4096;
    private static final int TRIAL_TOKENS = 16384;
    /** Of models with many experts: whole groups of matrices need less text to stand out, and text takes longer. */
    private static final int SAMPLED_TOKENS = 1024;

    private static final int SAMPLED_TRIAL_TOKENS = 4096;

    private static final int QUANTISED = 1;
    /** How many times as long as a save the work between two of them lasts at least. */
    private static final int SAVING_SHARE = 10;

    private static final int FEWEST_SAMPLES = 16;
    private static final int MOST_SAMPLES = 256;
    private static final int ROWS_PER_INPUT = 16;

    private final LoadedLanguageModel model;
    private final ProfileOptions options;
    private final Progress progress;
    private final String digest;
    private final List<RoutedLayer> layers;
    private final List<ExpertLayer> expertLayers;
    private final List<LayerShape> shapes = new ArrayList<>();
    private final List<LayerStatistics> statistics = new ArrayList<>();
    private final Windows windows;
    private final SensitivityUnit unit;
    /** What the text has shown, which is large and complete once the text has been read. */
    private final State gathered;
    /** What is measured after that. */
    private final State state;
    /** Steps of text done. */
    private final double[] steps;

    /** At {@link #QUANTISED} experts whose errors are known, at {@link Sensitivity#DONE} and {@link Trials#DONE} what they have done. */
    private final double[] done;

    private final List<TokenRows.Gathering> rows = new ArrayList<>();
    private final List<float[]> errors = new ArrayList<>();
    /** The text's negative log likelihood, summed over tokens. */
    private final double[] loss;

    private final double[] divergence;
    /** Of each trial divergence, increase of the loss and its square, summed over tokens. */
    private final double[] trialSums;

    /** Null where sensitivity is not measured. */
    private final LayerBearing bearing;

    private final byte[] textDigest;
    private long lastSave = System.nanoTime();
    private long saving;

    private Profiler(
            LoadedLanguageModel model, String digest, int[] ids, ProfileOptions options, Path out, Progress progress) {
        this.model = model;
        this.options = options;
        this.progress = progress;
        this.digest = digest;
        this.layers = RoutedLayer.of(model.path().toString(), model.graph());
        this.expertLayers = layers.stream().map(RoutedLayer::experts).toList();
        Windows whole = Windows.all(ids, options.window());
        this.windows = options.tokens() > 0 ? whole.spread(options.tokens()) : whole;
        this.unit = options.unit() == null ? SensitivityUnit.fitting(expertLayers) : options.unit();
        int block = BlockSizes.largest(expertLayers, options.momentBytes());
        for (int i = 0; i < layers.size(); i++) {
            ExpertLayer layer = expertLayers.get(i);
            int width = layer.width(ExpertMatrix.GATE);
            int hidden = layer.width(ExpertMatrix.DOWN);
            shapes.add(new LayerShape(
                    layer.experts(),
                    layers.get(i).topK(),
                    width,
                    hidden,
                    layer.rows(ExpertMatrix.DOWN),
                    layer.up() != null,
                    Math.min(width, block),
                    Math.min(hidden, block),
                    layers.get(i).tokenWidth()));
        }
        if (unit == SensitivityUnit.SAMPLED
                && options.exchanges() > 0
                && options.exchanges() < SampledSensitivity.fewest(shapes)) {
            throw new InvalidInputException(model.path() + ": " + options.exchanges()
                    + " exchanges cannot measure its sensitivity, which takes at least "
                    + SampledSensitivity.fewest(shapes) + "; allow more");
        }
        this.textDigest = sha256(bytes(ids));
        int groups = unit == SensitivityUnit.SAMPLED
                ? SampledSensitivity.count(shapes, options.exchanges())
                : unit.groups(expertLayers).size();
        byte[] purpose = purpose(groups, block);
        this.gathered = new State(out.resolveSibling(out.getFileName() + ".partial"), purpose);
        this.state = new State(out.resolveSibling(out.getFileName() + ".partial.measured"), purpose);
        this.steps = gathered.doubles("steps", 1);
        this.done = state.doubles("done", 4);
        this.loss = gathered.doubles("loss", 1);
        this.divergence = state.doubles("divergence", groups);
        this.trialSums = state.doubles("trials", trialTokens() > 0 ? Trials.sums(unit) : 0);
        this.bearing = unit == SensitivityUnit.NONE
                ? null
                : new LayerBearing(state, layers, windows.spread(sensitivityTokens()));
        for (int i = 0; i < layers.size(); i++) {
            ExpertLayer layer = expertLayers.get(i);
            LayerShape shape = shapes.get(i);
            rows.add(new TokenRows.Gathering(
                    gathered,
                    i,
                    rowText(),
                    rowTokens(),
                    layers.get(i).tokenWidth(),
                    layers.get(i).topK()));
            statistics.add(new LayerStatistics(
                    gathered,
                    i,
                    layers.get(i),
                    layer.rows(ExpertMatrix.DOWN),
                    i + 1 < layers.size() ? expertLayers.get(i + 1).experts() : 0,
                    shape.inputBlock(),
                    shape.hiddenBlock(),
                    sampleRows()));
            errors.add(state.floats(
                    i + ".error", (long) layer.experts() * ExpertMatrix.values().length * Profile.WIDTHS.size()));
        }
    }

    /**
     * Profiles a model and writes the result.
     *
     * @param digest of the model, hexadecimal
     * @param ids calibration text, more than a window
     * @param out appears when the profile is complete
     * @throws InvalidInputException when the model has no experts or an encoder, the text is shorter than a window, or a saved state is
     *     damaged
     * @throws UncheckedIOException when a file cannot be written
     */
    public static void profile(
            LoadedLanguageModel model, String digest, int[] ids, ProfileOptions options, Path out, Progress progress) {
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
        try (ForkJoinPool pool = new ForkJoinPool(options.threads())) {
            pool.submit(() -> new Profiler(model, digest, ids, options, out, progress).run(out))
                    .get();
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

    /** Rows of each expert that may be kept. */
    private int sampleRows() {
        long perRow = 0;
        for (ExpertLayer layer : expertLayers) {
            perRow += (long) layer.experts() * layer.width(ExpertMatrix.GATE) * Float.BYTES;
        }
        return Math.clamp(options.sampleBytes() / perRow, FEWEST_SAMPLES, MOST_SAMPLES);
    }

    /** Tokens whose rows are kept: as many as fit, and no more than tell an expert's inputs well. */
    private int rowTokens() {
        long bytes = 0;
        long widest = 1;
        long enough = 1;
        for (RoutedLayer layer : layers) {
            bytes += (long) layer.tokenWidth() * Short.BYTES;
            widest = Math.max(widest, layer.tokenWidth());
            long rows = (long) ROWS_PER_INPUT * layer.experts().width(ExpertMatrix.DOWN);
            enough = Math.max(enough, rows * layer.experts().experts() / layer.topK());
        }
        long fitting = Math.min(options.rowBytes() / bytes, Integer.MAX_VALUE / Math.max(widest, 1 << 10));
        return (int) Math.min(rowText(), Math.min(enough, fitting));
    }

    private byte[] purpose(int groups, int block) {
        String text = String.join(
                " ",
                "8",
                digest,
                HexFormat.of().formatHex(textDigest),
                "window " + options.window() + " of " + windows.count(),
                "sensitivity " + unit + " by " + groups + " on " + sensitivityTokens(),
                "trials on " + trialTokens(),
                "blocks of " + block + " and rows " + sampleRows() + " " + rowTokens(),
                options.quantiser().name());
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] bytes(int[] ids) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(ids.length, Integer.BYTES));
        bytes.asIntBuffer().put(ids);
        return bytes.array();
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private void run(Path out) {
        gathered.restore();
        state.restore();
        gather();
        SubstitutedExperts experts = new SubstitutedExperts();
        float[][] found;
        List<Trial> trials;
        try (LanguageEngine engine = LanguageEngine.load(
                model,
                Windows.engineOptions(options.threads(), options.window()).withExperts(experts))) {
            measureErrors(experts);
            found = measureSensitivity(engine, experts);
            trials = tryAllocations(engine, experts, found);
            measureBearing(engine, experts);
        }
        try {
            ProfileWriter.write(out, header(trials), statistics, rows, errors, found, bearing);
            gathered.delete();
            state.delete();
        } catch (IOException e) {
            throw new UncheckedIOException(out + ": cannot be written", e);
        }
    }

    /** Saves the state, but not so often that this takes long beside the work. */
    private void save(State what, boolean now) {
        long since = System.nanoTime() - lastSave;
        if (now || since >= Math.max(options.checkpointSeconds() * 1_000_000_000L, SAVING_SHARE * saving)) {
            long begin = System.nanoTime();
            what.save();
            lastSave = System.nanoTime();
            saving = lastSave - begin;
        }
    }

    /** Runs the text and counts. */
    private void gather() {
        if (steps[0] == windows.steps()) {
            return;
        }
        SubstitutedExperts experts = new SubstitutedExperts();
        List<String> values = RoutedLayer.values(layers);
        try (LanguageEngine engine = LanguageEngine.load(
                model,
                Windows.engineOptions(options.threads(), options.window())
                        .withKeep(values)
                        .withExperts(experts))) {
            List<ThreadLocal<ExpertRun>> runs = new ArrayList<>();
            for (int i = 0; i < layers.size(); i++) {
                int layer = i;
                runs.add(ThreadLocal.withInitial(
                        () -> new ExpertRun(model.graph(), layers.get(layer), experts.own(layer))));
            }
            while (steps[0] < windows.steps()) {
                int step = (int) steps[0];
                windows.run(engine, step, true, logits -> loss[0] += Divergence.loss(logits, windows.targets(step)));
                int tokens = windows.tokens(step);
                Queues before = null;
                for (int i = 0; i < layers.size(); i++) {
                    Queues queues = queues(engine, layers.get(i));
                    add(i, queues, runs.get(i));
                    gatherRows(engine, i);
                    if (i > 0) {
                        RoutedLayer layer = layers.get(i);
                        statistics
                                .get(i - 1)
                                .addPairs(
                                        before,
                                        layers.get(i - 1).topK(),
                                        queues,
                                        layer.topK(),
                                        layer.experts().experts(),
                                        tokens);
                    }
                    before = queues;
                }
                steps[0]++;
                save(gathered, steps[0] == windows.steps());
                progress.update("calibrate", (long) steps[0], windows.steps());
            }
        }
    }

    private static Queues queues(LanguageEngine engine, RoutedLayer layer) {
        Tensor tokens = engine.kept(layer.tokens());
        return Queues.of(layer, tokens, engine.kept(layer.ids()), engine.kept(layer.weights()));
    }

    private void gatherRows(LanguageEngine engine, int layer) {
        RoutedLayer routed = layers.get(layer);
        int first = (int) steps[0] * windows.together();
        for (int i = 0; i < windows.windows((int) steps[0]); i++) {
            int before = heldOut(first + i);
            if (heldOut(first + i + 1) == before) {
                rows.get(layer)
                        .add(
                                (long) (first + i - before) * windows.window(),
                                i * windows.window(),
                                windows.window(),
                                engine.kept(routed.tokens()).data(),
                                engine.kept(routed.ids()).data(),
                                engine.kept(routed.weights()).data());
            }
        }
    }

    /**
     * How many of the first {@code index} windows give no rows: allocations are tried on them, and no fit should have seen that text. None
     * where they are more than half.
     */
    private int heldOut(int index) {
        Windows tried = windows.spread(Math.max(1, trialTokens()));
        return trialTokens() == 0 || 2 * tried.count() > windows.count() ? 0 : windows.shared(tried, index);
    }

    /** Tokens that may give rows. */
    private long rowText() {
        return (long) (windows.count() - heldOut(windows.count())) * windows.window();
    }

    private void add(int layer, Queues queues, ThreadLocal<ExpertRun> runs) {
        LayerStatistics of = statistics.get(layer);
        int outputs = shapes.get(layer).outputs();
        IntStream.range(0, shapes.get(layer).experts())
                .filter(expert -> queues.offsets()[expert + 1] > queues.offsets()[expert])
                .parallel()
                .forEach(expert -> {
                    int[] offsets = queues.offsets().clone();
                    // The rows of this expert alone; those before it stay where they are.
                    for (int e = 0; e < offsets.length; e++) {
                        offsets[e] = e <= expert ? 0 : queues.offsets()[expert + 1] - queues.offsets()[expert];
                    }
                    int first = queues.offsets()[expert];
                    int count = offsets[expert + 1];
                    float[] rows =
                            Arrays.copyOfRange(queues.rows(), first * queues.width(), (first + count) * queues.width());
                    float[] out = new float[count * outputs];
                    ExpertRun run = runs.get();
                    run.outputs(rows, offsets, out);
                    of.add(expert, queues, run.hidden(), out);
                });
    }

    /** Quantises every matrix at every width, or most only at the coarsest. */
    private void measureErrors(SubstitutedExperts experts) {
        int all = expertLayers.stream().mapToInt(ExpertLayer::experts).sum();
        int first = 0;
        for (int i = 0; i < layers.size(); i++) {
            int layer = i;
            int count = shapes.get(layer).experts();
            boolean[] whole = new boolean[count];
            Arrays.fill(whole, true);
            if (unit == SensitivityUnit.SAMPLED) {
                whole = SampledErrors.chosen(energies()[layer]);
            }
            OutputErrors measuring = new OutputErrors(
                    model.graph(),
                    layers.get(layer),
                    statistics.get(layer),
                    new QuantisedExperts(expertLayers.get(layer), options.quantiser()),
                    experts.own(layer));
            int together = 4 * options.threads();
            for (int from = (int) Math.max(0, done[QUANTISED] - first); from < count; from += together) {
                int to = Math.min(count, from + together);
                boolean[] chosen = whole;
                IntStream.range(from, to).parallel().forEach(expert -> {
                    float[] found =
                            measuring.of(expert, chosen[expert] ? Profile.WIDTHS : Profile.WIDTHS.subList(0, 1));
                    System.arraycopy(found, 0, errors.get(layer), expert * found.length, found.length);
                });
                done[QUANTISED] = first + to;
                save(state, false);
                progress.update("quantise", (long) done[QUANTISED], all);
            }
            first += count;
            if (unit == SensitivityUnit.SAMPLED) {
                SampledErrors.fill(errors.get(layer), whole);
            }
        }
    }

    /** Mean squares of what experts add to tokens, by layer. */
    private float[][] energies() {
        return statistics.stream().map(of -> of.energy(windows.tokens())).toArray(float[][]::new);
    }

    /** Exchanges matrices, looks at the predictions, and says what that means for each matrix: by layer, [experts, matrices]. */
    private float[][] measureSensitivity(LanguageEngine engine, SubstitutedExperts experts) {
        float[][] found = errors.toArray(float[][]::new);
        SampledSensitivity sampled = unit != SensitivityUnit.SAMPLED
                ? null
                : new SampledSensitivity(shapes, found, energies(), options.exchanges());
        List<List<MatrixPlace>> groups = sampled == null ? unit.groups(expertLayers) : sampled.groups();
        Windows text = windows.spread(sensitivityTokens());
        Sensitivity sensitivity = new Sensitivity(groups, text, divergence, done);
        List<QuantisedExperts> quantised = quantised();
        if (done[Sensitivity.DONE] < sensitivity.exchanges()) {
            save(state, true);
        }
        sensitivity.measure(
                engine,
                experts,
                (place, arena) -> quantised
                        .get(place.layer())
                        .quantised(place.expert(), place.matrix(), Sensitivity.BITS, moments(place), arena),
                () -> {
                    save(state, done[Sensitivity.DONE] == sensitivity.exchanges());
                    progress.update("sensitivity", (long) done[Sensitivity.DONE], sensitivity.exchanges());
                });
        if (sampled != null) {
            return sampled.sensitivity(divergence, text.tokens(), found);
        }
        float[][] routed = new float[layers.size()][];
        for (int i = 0; i < layers.size(); i++) {
            routed[i] = statistics.get(i).tokens();
            for (int expert = 0; expert < routed[i].length; expert++) {
                routed[i][expert] *= (float) text.tokens() / windows.tokens();
            }
        }
        return Sensitivity.shared(groups, divergence, text.tokens(), shapes, found, energies(), routed);
    }

    private long sensitivityTokens() {
        return options.sensitivityTokens() > 0
                ? options.sensitivityTokens()
                : unit == SensitivityUnit.SAMPLED ? SAMPLED_TOKENS : SENSITIVITY_TOKENS;
    }

    private long trialTokens() {
        return options.trialTokens() >= 0
                ? options.trialTokens()
                : unit == SensitivityUnit.SAMPLED ? SAMPLED_TRIAL_TOKENS : TRIAL_TOKENS;
    }

    private List<QuantisedExperts> quantised() {
        return expertLayers.stream()
                .map(layer -> new QuantisedExperts(layer, options.quantiser()))
                .toList();
    }

    private InputMoments moments(MatrixPlace place) {
        return statistics.get(place.layer()).quantisingMoments(place.expert(), place.matrix());
    }

    /** Lets rules allocate, and measures what that does. */
    private List<Trial> tryAllocations(LanguageEngine engine, SubstitutedExperts experts, float[][] found) {
        if (trialTokens() == 0 || unit == SensitivityUnit.NONE) {
            return List.of();
        }
        Trials trials = new Trials(unit, windows.spread(trialTokens()), trialSums, done);
        return trials.run(
                new MeasuredModel(shapes, windows.tokens(), statistics, errors, found),
                () -> new AllocationMeasurement(
                        model.graph(),
                        engine,
                        experts,
                        options.quantiser(),
                        this::moments,
                        layer -> rows.get(layer).rows()),
                () -> {
                    save(state, done[Trials.DONE] == trials.steps());
                    progress.update("try allocations", (long) done[Trials.DONE], trials.steps());
                });
    }

    /** Lets precision give way as it may at run time. */
    private void measureBearing(LanguageEngine engine, SubstitutedExperts experts) {
        if (bearing != null) {
            bearing.measure(
                    model.graph(), engine, experts, statistics, options.quantiser(), errors, (phase, part, all) -> {
                        save(state, part == all);
                        progress.update(phase, part, all);
                    });
        }
    }

    private ProfileHeader header(List<Trial> trials) {
        return new ProfileHeader(
                digest,
                HexFormat.of().formatHex(textDigest),
                windows.tokens(),
                options.window(),
                rowTokens(),
                loss[0] / windows.tokens(),
                options.quantiser().name(),
                unit.name().toLowerCase(java.util.Locale.ROOT),
                shapes,
                trials);
    }
}
