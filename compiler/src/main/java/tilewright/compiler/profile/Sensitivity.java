package tilewright.compiler.profile;

import java.lang.foreign.Arena;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.edge.matrix.MatrixWeights;
import tilewright.model.graph.ExpertMatrix;

/**
 * A forward-only estimate of the loss's sensitivity: what quantising some matrices does to the model's predictions.
 *
 * <p>Measured is the Kullback-Leibler divergence. Near the exact weights it is a quadratic form in the change with the Fisher matrix
 * of the model's predictions, as the loss is where its gradient vanishes; and it varies from text to text far less than the loss does.
 */
final class Sensitivity {
    /** The width at which matrices are exchanged: the coarsest, whose errors stand out from those of routing near ties. */
    static final int BITS = 2;

    /** Where a state counts the exchanges. */
    static final int DONE = 2;

    private static final int FEWEST_TOKENS = 16;

    private final List<List<MatrixPlace>> groups;
    private final Windows windows;
    private final double[] divergence;
    private final double[] done;

    /**
     * Goes on from a state.
     *
     * @param groups what is exchanged together, layer by layer
     * @param divergence the state's sums, one for each group
     * @param done at {@link #DONE} the exchanges made
     */
    Sensitivity(List<List<MatrixPlace>> groups, Windows windows, double[] divergence, double[] done) {
        this.groups = groups;
        this.windows = windows;
        this.divergence = divergence;
        this.done = done;
    }

    /** Quantises what will be exchanged. */
    interface Quantising {
        /** A matrix at {@link #BITS}, in memory of an arena. */
        MatrixWeights matrix(MatrixPlace place, Arena arena);
    }

    /** The exchanges that there are: of each group on each step's tokens. */
    int exchanges() {
        return groups.size() * windows.steps();
    }

    /** Makes those exchanges that are still to be made, of one layer after the other, whose quantised matrices alone are in memory. */
    void measure(LanguageEngine engine, SubstitutedExperts experts, Quantising quantising, Runnable afterEach) {
        int first = 0;
        while (first < groups.size()) {
            int layer = groups.get(first).getFirst().layer();
            int next = first;
            while (next < groups.size() && groups.get(next).getFirst().layer() == layer) {
                next++;
            }
            if (done[DONE] < (double) next * windows.steps()) {
                try (Arena arena = Arena.ofShared()) {
                    Map<MatrixPlace, MatrixWeights> others = new ConcurrentHashMap<>();
                    groups.subList(first, next).stream().flatMap(List::stream).distinct().toList().parallelStream()
                            .forEach(place -> others.put(place, quantising.matrix(place, arena)));
                    for (int step = 0; step < windows.steps(); step++) {
                        measure(engine, experts, others, first, next, step, afterEach);
                    }
                }
            }
            first = next;
        }
    }

    /** Makes those exchanges of some groups on one step's tokens that are still to be made. */
    private void measure(
            LanguageEngine engine,
            SubstitutedExperts experts,
            Map<MatrixPlace, MatrixWeights> others,
            int first,
            int next,
            int step,
            Runnable afterEach) {
        int number = first * windows.steps() + step * (next - first);
        if (done[DONE] >= number + next - first) {
            return;
        }
        Divergence[] base = new Divergence[1];
        windows.run(engine, step, true, logits -> base[0] = new Divergence(logits, windows.targets(step)));
        for (int group = first; group < next; group++, number++) {
            if (done[DONE] > number) {
                continue;
            }
            Map<MatrixPlace, MatrixWeights> exchanged = new HashMap<>();
            groups.get(group).forEach(place -> exchanged.put(place, others.get(place)));
            int at = group;
            try {
                substitute(experts, exchanged);
                windows.run(
                        engine,
                        step,
                        true,
                        logits -> divergence[at] += base[0].of(logits).divergence());
            } finally {
                experts.reset();
            }
            done[DONE]++;
            afterEach.run();
        }
    }

    /** Exchanges matrices, those of one expert together. */
    static void substitute(SubstitutedExperts experts, Map<MatrixPlace, MatrixWeights> others) {
        Map<List<Integer>, Map<ExpertMatrix, MatrixWeights>> byExpert = new HashMap<>();
        others.forEach((place, matrix) -> byExpert.computeIfAbsent(
                        List.of(place.layer(), place.expert()), _ -> new EnumMap<>(ExpertMatrix.class))
                .put(place.matrix(), matrix));
        byExpert.forEach((expert, matrices) -> {
            int layer = expert.get(0);
            ExpertWeights own = experts.own(layer);
            ExpertWeights.Expert changed = own.acquire(expert.get(1));
            own.release(expert.get(1));
            for (var entry : matrices.entrySet()) {
                changed = QuantisedExperts.with(changed, entry.getKey(), entry.getValue());
            }
            experts.substitute(layer, expert.get(1), changed);
        });
    }

    /**
     * The loss per relative output error, by layer, expert and matrix: each group's divergence shared out over its matrices by their
     * errors. What too few tokens have met, or none, gets what its layer's others have in proportion to their outputs' squares.
     *
     * @param tokens on which divergences were measured
     * @param errors relative output errors by layer, [experts, matrices, widths]
     * @param energies mean squared contributions by layer, [experts]
     * @param routed tokens of each expert among those measured, by layer
     * @return by layer, [experts, matrices]
     */
    static float[][] shared(
            List<List<MatrixPlace>> groups,
            double[] divergence,
            long tokens,
            List<LayerShape> shapes,
            float[][] errors,
            float[][] energies,
            float[][] routed) {
        int matrices = ExpertMatrix.values().length;
        float[][] sensitivity = new float[shapes.size()][];
        double[] measured = new double[shapes.size()];
        double[] weighed = new double[shapes.size()];
        for (int layer = 0; layer < shapes.size(); layer++) {
            sensitivity[layer] = new float[shapes.get(layer).experts() * matrices];
        }
        for (int group = 0; group < groups.size(); group++) {
            double nats = divergence[group] / tokens;
            double sum = 0;
            double absolute = 0;
            boolean alone = groups.get(group).stream()
                            .mapToInt(MatrixPlace::expert)
                            .distinct()
                            .count()
                    == 1;
            for (MatrixPlace place : groups.get(group)) {
                double error = error(errors, place);
                double energy = energies[place.layer()][place.expert()];
                absolute += energy * error;
                sum += alone ? error : energy * error;
            }
            int layer = groups.get(group).getFirst().layer();
            measured[layer] += nats;
            weighed[layer] += absolute;
            for (MatrixPlace place : groups.get(group)) {
                double energy = energies[place.layer()][place.expert()];
                sensitivity[layer][place.expert() * matrices + place.matrix().ordinal()] =
                        sum > 0 ? (float) (nats / sum * (alone ? 1 : energy)) : 0;
            }
        }
        for (int layer = 0; layer < shapes.size(); layer++) {
            double ratio = weighed[layer] > 0 ? measured[layer] / weighed[layer] : 0;
            for (int expert = 0; expert < shapes.get(layer).experts(); expert++) {
                if (routed[layer][expert] < FEWEST_TOKENS) {
                    java.util.Arrays.fill(sensitivity[layer], expert * matrices, (expert + 1) * matrices, (float)
                            (ratio * energies[layer][expert]));
                }
            }
        }
        return sensitivity;
    }

    private static double error(float[][] errors, MatrixPlace place) {
        int at = place.expert() * ExpertMatrix.values().length + place.matrix().ordinal();
        return errors[place.layer()][at * Profile.WIDTHS.size() + Profile.WIDTHS.indexOf(BITS)];
    }
}
