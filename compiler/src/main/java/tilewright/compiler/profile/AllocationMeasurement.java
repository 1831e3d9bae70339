package tilewright.compiler.profile;

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
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.family.language.LoadedLanguageModel;
import tilewright.model.format.GroupedCodes;
import tilewright.model.graph.ExpertLayer;
import tilewright.model.graph.ExpertMatrix;
import tilewright.model.graph.Graph;

/**
 * Measures what allocations of bits do to a model's predictions: experts are quantised in memory and take the place of the model's own.
 *
 * <p>A matrix is quantised once for each width that an allocation gives it.
 */
public final class AllocationMeasurement {
    private final List<ExpertLayer> layers;
    private final List<QuantisedExperts> quantised;
    private final Function<MatrixPlace, InputMoments> moments;
    private final LanguageEngine engine;
    private final SubstitutedExperts experts;
    private final List<DownFit> fits = new ArrayList<>();
    private final Map<List<Object>, GroupedCodes> made = new ConcurrentHashMap<>();
    private final Map<List<Object>, MatrixWeights> packed = new ConcurrentHashMap<>();

    /**
     * What one allocation did, as means over tokens, in nats.
     *
     * @param tokens predicted
     * @param divergence Kullback-Leibler divergence from the model's own predictions
     * @param lossIncrease of the negative log likelihood
     * @param standardError of {@code lossIncrease}, from its spread over tokens
     */
    public record Result(long tokens, double divergence, double lossIncrease, double standardError) {}

    /**
     * Prepares nothing yet.
     *
     * @param engine with experts from {@code experts}
     * @param moments second moments of a matrix's inputs; null where nothing is known
     * @param rows by layer, to which down matrices are fitted
     */
    AllocationMeasurement(
            Graph graph,
            LanguageEngine engine,
            SubstitutedExperts experts,
            MatrixQuantiser quantiser,
            Function<MatrixPlace, InputMoments> moments,
            IntFunction<TokenRows> rows) {
        this.layers = ExpertLayer.of(graph);
        this.quantised = layers.stream()
                .map(layer -> new QuantisedExperts(layer, quantiser))
                .toList();
        this.moments = moments;
        this.engine = engine;
        this.experts = experts;
        for (RoutedLayer layer : RoutedLayer.of("", graph)) {
            fits.add(new DownFit(graph, layer, rows.apply(fits.size())));
        }
    }

    /**
     * Measures allocations on a text.
     *
     * @param profile of the model; gives the second moments for the quantiser
     * @param ids the text, more than a window
     * @param window tokens that run together from position 0; windows do not overlap
     * @return one result for each allocation
     */
    public static List<Result> measure(
            LoadedLanguageModel model,
            Profile profile,
            MatrixQuantiser quantiser,
            List<Allocation> allocations,
            int[] ids,
            int window,
            int threads,
            Progress progress) {
        SubstitutedExperts experts = new SubstitutedExperts();
        Windows windows = Windows.all(ids, window);
        try (LanguageEngine engine = LanguageEngine.load(
                model, Windows.engineOptions(threads, window).withExperts(experts))) {
            return new AllocationMeasurement(
                            model.graph(), engine, experts, quantiser, profile::quantisingMoments, profile::rows)
                    .measure(allocations, windows, progress);
        }
    }

    /** Adds what allocations do to one step's predictions to sums: divergence, increase, squared increase of each. */
    void add(List<Allocation> allocations, Windows windows, int step, double[] sums) {
        Divergence[] base = new Divergence[1];
        windows.run(engine, step, true, logits -> base[0] = new Divergence(logits, windows.targets(step)));
        for (int i = 0; i < allocations.size(); i++) {
            int at = 3 * i;
            Sensitivity.substitute(experts, matrices(allocations.get(i)));
            windows.run(engine, step, true, logits -> {
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
            double increase = sums[i + 1] / tokens;
            double variance = Math.max(0, sums[i + 2] / tokens - increase * increase);
            results.add(new Result(tokens, sums[i] / tokens, increase, Math.sqrt(variance / Math.max(1, tokens - 1))));
        }
        return results;
    }

    /** Measures allocations on all windows. */
    List<Result> measure(List<Allocation> allocations, Windows windows, Progress progress) {
        double[] sums = new double[3 * allocations.size()];
        for (int step = 0; step < windows.steps(); step++) {
            add(allocations, windows, step, sums);
            progress.update("measure", step + 1, windows.steps());
        }
        return results(sums, windows.tokens());
    }

    private Map<MatrixPlace, MatrixWeights> matrices(Allocation allocation) {
        List<MatrixPlace> places = new ArrayList<>();
        for (ExpertLayer layer : layers) {
            for (int expert = 0; expert < layer.experts(); expert++) {
                for (ExpertMatrix matrix : layer.matrices()) {
                    places.add(new MatrixPlace(layer.index(), expert, matrix));
                }
            }
        }
        Map<MatrixPlace, MatrixWeights> matrices = new HashMap<>();
        places.parallelStream().forEach(place -> codes(place, allocation));
        places.forEach(place -> matrices.put(
                place,
                packed.computeIfAbsent(
                        key(place, allocation),
                        _ -> quantised
                                .get(place.layer())
                                .packed(place.expert(), place.matrix(), codes(place, allocation)))));
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

    private GroupedCodes codes(MatrixPlace place, Allocation allocation) {
        GroupedCodes known = made.get(key(place, allocation));
        if (known != null) {
            return known;
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
                    codes(gate, allocation),
                    layers.get(place.layer()).up() == null ? null : codes(up, allocation),
                    bits,
                    moments.apply(place));
        } else {
            codes = layer.codes(place.expert(), place.matrix(), bits, moments.apply(place));
        }
        made.put(key(place, allocation), codes);
        return codes;
    }
}
