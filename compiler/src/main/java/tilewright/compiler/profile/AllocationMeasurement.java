package tilewright.compiler.profile;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import tilewright.compiler.Progress;
import tilewright.compiler.codes.InputMoments;
import tilewright.compiler.codes.MatrixQuantiser;
import tilewright.compiler.store.Allocation;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;

/**
 * Measures what allocations of bits do to a model's predictions: experts are quantised in memory and take the place of the model's own.
 *
 * <p>A matrix of a small model is quantised once for each width that an allocation gives it, of a large one for each allocation anew.
 */
public final class AllocationMeasurement implements AutoCloseable {
    /** Expert weights of a model whose codes, a byte each for each width, are kept. */
    private static final long MOST_KEPT = 64L << 20;

    private final List<ExpertLayer> layers;
    private final List<QuantisedExperts> quantised;
    private final Function<MatrixPlace, InputMoments> moments;
    private final LanguageEngine engine;
    private final SubstitutedExperts experts;
    private final List<DownFit> fits = new ArrayList<>();
    private final Map<List<Object>, GroupedCodes> made = new ConcurrentHashMap<>();
    private final Map<List<Object>, MatrixWeights> packed = new ConcurrentHashMap<>();
    /** Whether codes are kept for other allocations with the same widths. */
    private final boolean keeping;

    private final Arena arena = Arena.ofShared();
    private final Graph graph;
    /** Where quantised experts go; null for memory. */
    private final Storage storage;

    private Allocation stored;
    private StreamedExperts streamed;
    private List<ExpertWeights> others = List.of();

    /**
     * A file from which quantised experts are read on demand.
     *
     * @param file deleted when the measurement is closed
     * @param bytes of memory for them
     * @param tidy gives back pages of the model's files
     */
    record Storage(Path file, long bytes, Runnable tidy) {}

    /**
     * What one allocation did, as means over tokens, in nats.
     *
     * @param tokens predicted
     * @param divergence Kullback-Leibler divergence from the model's own predictions
     * @param lossIncrease of the negative log likelihood
     * @param standardError of {@code lossIncrease}, from its spread over tokens
     */
    public record Result(long tokens, double divergence, double lossIncrease, double standardError) {
        /** The means over the tokens of two results. */
        public Result and(Result other) {
            long all = tokens + other.tokens;
            double increase = (tokens * lossIncrease + other.tokens * other.lossIncrease) / all;
            double squares = squaredIncrease() + other.squaredIncrease();
            return result(
                    new double[] {tokens * divergence + other.tokens * other.divergence, all * increase, squares},
                    0,
                    all);
        }

        private double squaredIncrease() {
            double variance = standardError * standardError * Math.max(1, tokens - 1);
            return tokens * (variance + lossIncrease * lossIncrease);
        }
    }

    /**
     * Prepares nothing yet.
     *
     * @param engine with experts from {@code experts}
     * @param moments second moments of a matrix's inputs; null where nothing is known
     * @param rows by layer, to which down matrices are fitted
     * @param storage where quantised experts go; null for memory
     */
    AllocationMeasurement(
            Graph graph,
            LanguageEngine engine,
            SubstitutedExperts experts,
            MatrixQuantiser quantiser,
            Function<MatrixPlace, InputMoments> moments,
            IntFunction<TokenRows> rows,
            Storage storage) {
        this.graph = graph;
        this.storage = storage;
        this.layers = ExpertLayer.of(graph);
        this.quantised = layers.stream()
                .map(layer -> new QuantisedExperts(layer, quantiser))
                .toList();
        this.moments = moments;
        this.engine = engine;
        this.experts = experts;
        long weights = 0;
        for (ExpertLayer layer : layers) {
            for (ExpertMatrix matrix : layer.matrices()) {
                weights += (long) layer.experts() * layer.rows(matrix) * layer.width(matrix);
            }
        }
        this.keeping = weights <= MOST_KEPT;
        for (RoutedLayer layer : RoutedLayer.of("", graph)) {
            fits.add(new DownFit(graph, layer, rows.apply(fits.size())));
        }
    }

    /**
     * Measures allocations on texts.
     *
     * @param profile of the model; gives the second moments for the quantiser and rows for the fit
     * @param fitted whether down matrices are fitted to what quantised gate and up matrices do, as {@code pack} does
     * @param texts each more than a window
     * @param window tokens that run together from position 0; windows do not overlap
     * @return for each text one result for each allocation
     */
    public static List<List<Result>> measure(
            LoadedLanguageModel model,
            Profile profile,
            MatrixQuantiser quantiser,
            boolean fitted,
            List<Allocation> allocations,
            List<int[]> texts,
            int window,
            int threads,
            Progress progress) {
        SubstitutedExperts experts = new SubstitutedExperts();
        try (LanguageEngine engine = LanguageEngine.load(
                        model, Windows.engineOptions(threads, window).withExperts(experts));
                AllocationMeasurement measurement = new AllocationMeasurement(
                        model.graph(),
                        engine,
                        experts,
                        quantiser,
                        profile::quantisingMoments,
                        layer -> fitted ? profile.rows(layer) : TokenRows.none(),
                        null)) {
            List<List<Result>> results = new ArrayList<>();
            for (int[] text : texts) {
                results.add(measurement.measure(allocations, Windows.all(text, window), progress));
            }
            return results;
        }
    }

    /** Adds what allocations do to one step's predictions to sums from {@code first}: divergence, increase, squared increase of each. */
    void add(List<Allocation> allocations, Windows windows, int step, double[] sums, int first) {
        Divergence[] base = new Divergence[1];
        windows.run(engine, step, logits -> base[0] = new Divergence(logits, windows.targets(step)));
        for (int i = 0; i < allocations.size(); i++) {
            int at = first + 3 * i;
            exchange(allocations.get(i));
            windows.run(engine, step, logits -> {
                Divergence.Change change = base[0].of(logits);
                sums[at] += change.divergence();
                sums[at + 1] += change.increase();
                sums[at + 2] += change.squaredIncrease();
            });
            experts.reset();
        }
    }

    /** The means that sums stand for. */
    static List<Result> results(double[] sums, long tokens) {
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < sums.length; i += 3) {
            results.add(result(sums, i, tokens));
        }
        return results;
    }

    private static Result result(double[] sums, int at, long tokens) {
        double increase = sums[at + 1] / tokens;
        double variance = Math.max(0, sums[at + 2] / tokens - increase * increase);
        return new Result(tokens, sums[at] / tokens, increase, Math.sqrt(variance / Math.max(1, tokens - 1)));
    }

    /** Measures allocations on all windows. */
    List<Result> measure(List<Allocation> allocations, Windows windows, Progress progress) {
        double[] sums = new double[3 * allocations.size()];
        for (int step = 0; step < windows.steps(); step++) {
            add(allocations, windows, step, sums, 0);
            progress.update("measure", step + 1, windows.steps());
        }
        return results(sums, windows.tokens());
    }

    /** Lets quantised experts take the place of all of the model's own. */
    private void exchange(Allocation allocation) {
        if (storage == null) {
            experts.substitute(matrices(allocation));
            return;
        }
        if (stored != allocation) {
            forget();
            streamed = new StreamedExperts(
                    graph,
                    StoredTrial.write(
                            storage.file(),
                            layers,
                            allocation,
                            (layer, expert) -> codes(layer, expert, allocation),
                            storage.tidy()),
                    StreamingOptions.defaults().withPrefetch(false));
            streamed.start(Math.max(streamed.leastBytes(), storage.bytes()));
            stored = allocation;
            others = layers.stream()
                    .map(layer -> streamed.layer(layer.index(), null))
                    .toList();
        }
        for (int layer = 0; layer < others.size(); layer++) {
            experts.substitute(layer, others.get(layer));
        }
    }

    private void forget() {
        experts.reset();
        if (streamed != null) {
            streamed.close();
            streamed = null;
            stored = null;
        }
    }

    private List<GroupedCodes> codes(int layer, int expert, Allocation allocation) {
        Map<List<Object>, GroupedCodes> known = new HashMap<>();
        return layers.get(layer).matrices().stream()
                .map(matrix -> codes(new MatrixPlace(layer, expert, matrix), allocation, known))
                .toList();
    }

    private Map<MatrixPlace, MatrixWeights> matrices(Allocation allocation) {
        List<MatrixPlace> experts = new ArrayList<>();
        for (ExpertLayer layer : layers) {
            for (int expert = 0; expert < layer.experts(); expert++) {
                experts.add(new MatrixPlace(layer.index(), expert, ExpertMatrix.GATE));
            }
        }
        Map<MatrixPlace, MatrixWeights> matrices = new ConcurrentHashMap<>();
        experts.parallelStream().forEach(first -> {
            Map<List<Object>, GroupedCodes> known = keeping ? made : new HashMap<>();
            for (ExpertMatrix matrix : layers.get(first.layer()).matrices()) {
                MatrixPlace place = new MatrixPlace(first.layer(), first.expert(), matrix);
                List<Object> key = key(place, allocation);
                MatrixWeights ready = packed.get(key);
                if (ready == null) {
                    ready = quantised
                            .get(place.layer())
                            .packed(place.expert(), matrix, codes(place, allocation, known), arena);
                    packed.put(key, ready);
                }
                matrices.put(place, ready);
            }
        });
        return matrices;
    }

    private List<Object> key(MatrixPlace place, Allocation allocation) {
        if (place.matrix() != ExpertMatrix.DOWN) {
            return List.of(place, allocation.bits(place));
        }
        List<Integer> bits = new ArrayList<>();
        for (ExpertMatrix matrix : layers.get(place.layer()).matrices()) {
            bits.add(allocation.bits(new MatrixPlace(place.layer(), place.expert(), matrix)));
        }
        return List.of(place, bits);
    }

    private GroupedCodes codes(MatrixPlace place, Allocation allocation, Map<List<Object>, GroupedCodes> known) {
        GroupedCodes before = known.get(key(place, allocation));
        if (before != null) {
            return before;
        }
        QuantisedExperts layer = quantised.get(place.layer());
        int bits = allocation.bits(place);
        GroupedCodes codes;
        if (place.matrix() == ExpertMatrix.DOWN) {
            MatrixPlace gate = new MatrixPlace(place.layer(), place.expert(), ExpertMatrix.GATE);
            MatrixPlace up = new MatrixPlace(place.layer(), place.expert(), ExpertMatrix.UP);
            codes = layer.codes(
                    fits.get(place.layer()),
                    place.expert(),
                    codes(gate, allocation, known),
                    layers.get(place.layer()).up() == null ? null : codes(up, allocation, known),
                    bits,
                    moments.apply(place));
        } else {
            codes = layer.codes(place.expert(), place.matrix(), bits, moments.apply(place));
        }
        known.put(key(place, allocation), codes);
        return codes;
    }

    /** Gives back the quantised matrices. */
    @Override
    public void close() {
        forget();
        made.clear();
        packed.clear();
        arena.close();
    }
}
