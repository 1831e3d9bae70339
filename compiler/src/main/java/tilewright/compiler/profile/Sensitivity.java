package tilewright.compiler.profile;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tilewright.compiler.profile.ProfileHeader.LayerShape;
import tilewright.compiler.store.MatrixPlace;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.StepMark;
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

    /**
     * Makes those exchanges that are still to be made: on one step's tokens after the other, of one layer after the other. What lies
     * before a layer stays as it is, and is computed once.
     *
     * @param keeping whether quantised matrices are kept from one step to the next, or only those of one layer are in memory
     */
    void measure(
            LanguageEngine engine,
            SubstitutedExperts experts,
            List<RoutedLayer> layers,
            Quantising quantising,
            boolean keeping,
            Runnable afterEach) {
        try (Arena all = Arena.ofShared()) {
            Map<MatrixPlace, MatrixWeights> kept = new ConcurrentHashMap<>();
            for (int step = (int) (done[DONE] / Math.max(1, groups.size())); step < windows.steps(); step++) {
                int begin = step * groups.size();
                int text = step;
                StepMark mark = null;
                Divergence[] base = new Divergence[1];
                int next;
                for (int first = 0; first < groups.size(); first = next) {
                    int layer = groups.get(first).getFirst().layer();
                    next = end(first);
                    if (done[DONE] >= begin + next) {
                        continue;
                    }
                    mark = windows.mark(engine, step, mark, layers.get(layer).router());
                    if (base[0] == null) {
                        windows.finish(
                                engine, step, mark, logits -> base[0] = new Divergence(logits, windows.targets(text)));
                    }
                    try (Arena one = Arena.ofShared()) {
                        Map<MatrixPlace, MatrixWeights> others = keeping ? kept : new ConcurrentHashMap<>();
                        groups.subList(first, next).stream().flatMap(List::stream).distinct().toList().parallelStream()
                                .forEach(place -> others.computeIfAbsent(
                                        place, _ -> quantising.matrix(place, keeping ? all : one)));
                        for (int group = (int) Math.max(first, done[DONE] - begin); group < next; group++) {
                            exchange(engine, experts, others, group, step, mark, base[0]);
                            done[DONE]++;
                            afterEach.run();
                        }
                    }
                }
            }
        }
    }

    /** The end of the groups of a layer. */
    private int end(int first) {
        int next = first;
        while (next < groups.size()
                && groups.get(next).getFirst().layer()
                        == groups.get(first).getFirst().layer()) {
            next++;
        }
        return next;
    }

    private void exchange(
            LanguageEngine engine,
            SubstitutedExperts experts,
            Map<MatrixPlace, MatrixWeights> others,
            int group,
            int step,
            StepMark mark,
            Divergence base) {
        Map<MatrixPlace, MatrixWeights> exchanged = new HashMap<>();
        groups.get(group).forEach(place -> exchanged.put(place, others.get(place)));
        try {
            experts.substitute(exchanged);
            windows.finish(
                    engine,
                    step,
                    mark,
                    logits -> divergence[group] += base.of(logits).divergence());
        } finally {
            experts.reset();
        }
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
