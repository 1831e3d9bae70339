package tilewright.edge.language;

import java.util.Arrays;
import java.util.function.IntFunction;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.RouterSettings.Capacity;
import tilewright.model.graph.RouterSettings.GroupScore;
import tilewright.model.graph.RouterSettings.Normalise;
import tilewright.model.graph.RouterSettings.Selection;
import tilewright.model.graph.RouterSettings.Weighting;

/**
 * {@link tilewright.model.graph.Router} over scores that are there already, float32; from them on it computes in float64, so
 * that exponentials make no ties.
 *
 * <p>An expert's capacity counts the rows of one sequence that run in one pass.
 */
final class RouterStage implements Stage {
    private final RouterSettings settings;
    private final Rows scores;
    private final float[] gateBias;
    private final float[] selectionBias;
    private final Indices ids;
    private final Rows weights;

    /**
     * A bound router.
     *
     * @param scores [rows, experts]
     * @param gateBias added to the scores; null for none
     * @param selectionBias added for the choice; null for none
     */
    RouterStage(
            RouterSettings settings, Rows scores, float[] gateBias, float[] selectionBias, Indices ids, Rows weights) {
        this.settings = settings;
        this.scores = scores;
        this.gateBias = gateBias;
        this.selectionBias = selectionBias;
        this.ids = ids;
        this.weights = weights;
    }

    /**
     * A router with the biases that its settings ask for.
     *
     * @param numbers the values of the parameter that is the node's operand of this number
     */
    static RouterStage of(
            RouterSettings settings, IntFunction<float[]> numbers, Rows scores, Indices ids, Rows weights) {
        int bias = 1 + settings.gates();
        float[] gateBias = settings.gateBias() ? numbers.apply(bias) : null;
        float[] selectionBias =
                settings.selection().bias() ? numbers.apply(bias + (settings.gateBias() ? 1 : 0)) : null;
        return new RouterStage(settings, scores, gateBias, selectionBias, ids, weights);
    }

    @Override
    public void run(Pass pass) {
        int experts = settings.experts();
        int[] chosen = ids.data();
        pass.team().ranges(scores.rows(), 16 * scores.elements(), (from, to, scratch) -> {
            double[] row = scratch.doubles(3 * experts);
            for (int token = from; token < to; token++) {
                for (int e = 0; e < experts; e++) {
                    row[e] = (double) scores.data()[scores.at(token) + e] + (gateBias == null ? 0 : gateBias[e]);
                }
                if (settings.normalise() == Normalise.SPARSE_MIXER) {
                    mix(row, chosen, token);
                } else {
                    choose(row, chosen, token);
                }
            }
        });
        if (!settings.capacity().isNone() && settings.capacity().beforeWeighting()) {
            drop(pass);
        }
        weigh();
        if (!settings.capacity().isNone() && !settings.capacity().beforeWeighting()) {
            drop(pass);
        }
    }

    /**
     * One token's experts and weights.
     *
     * @param row the scores, and room for twice as many numbers
     */
    private void choose(double[] row, int[] chosen, int token) {
        int experts = settings.experts();
        int topK = settings.topK();
        switch (settings.normalise()) {
            case SOFTMAX_BEFORE_SELECT -> softmax(row, 0, experts);
            case SIGMOID -> {
                for (int e = 0; e < experts; e++) {
                    row[e] = 1 / (1 + Math.exp(-row[e]));
                }
            }
            default -> {}
        }
        for (int e = 0; e < experts; e++) {
            row[experts + e] = row[e] + (selectionBias == null ? 0 : selectionBias[e]);
        }
        keepGroups(row);
        int first = token * topK;
        top(row, experts, experts, chosen, first, topK);
        int at = weights.at(token);
        for (int j = 0; j < topK; j++) {
            row[experts + j] = row[chosen[first + j]];
        }
        if (settings.normalise() == Normalise.SOFTMAX_AFTER_SELECT) {
            softmax(row, experts, topK);
        }
        for (int j = 0; j < topK; j++) {
            weights.data()[at + j] = (float) row[experts + j];
        }
    }

    /** Writes the indices of the largest of {@code count} values, largest first; ties to the lowest index. */
    private static void top(double[] values, int from, int count, int[] best, int to, int wanted) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            int place = kept;
            while (place > 0 && values[from + i] > values[from + best[to + place - 1]]) {
                place--;
            }
            if (place < wanted) {
                kept = Math.min(kept + 1, wanted);
                System.arraycopy(best, to + place, best, to + place + 1, kept - 1 - place);
                best[to + place] = i;
            }
        }
    }

    /** Sets the choice values of all but the best groups to minus infinity. */
    private void keepGroups(double[] row) {
        Selection selection = settings.selection();
        int groups = selection.groups();
        if (groups == selection.keptGroups()) {
            return;
        }
        int experts = settings.experts();
        int size = experts / groups;
        for (int g = 0; g < groups; g++) {
            double best = Double.NEGATIVE_INFINITY;
            double second = Double.NEGATIVE_INFINITY;
            for (int e = experts + g * size; e < experts + (g + 1) * size; e++) {
                if (row[e] > best) {
                    second = best;
                    best = row[e];
                } else {
                    second = Math.max(second, row[e]);
                }
            }
            row[2 * experts + g] = selection.groupScore() == GroupScore.TOP2_SUM && size > 1 ? best + second : best;
        }
        int[] kept = new int[selection.keptGroups()];
        top(row, 2 * experts, groups, kept, 0, kept.length);
        Arrays.sort(kept);
        for (int g = 0; g < groups; g++) {
            if (Arrays.binarySearch(kept, g) < 0) {
                Arrays.fill(row, experts + g * size, experts + (g + 1) * size, Double.NEGATIVE_INFINITY);
            }
        }
    }

    /** SparseMixer in inference; see {@link Normalise#SPARSE_MIXER}. */
    private void mix(double[] row, int[] chosen, int token) {
        int experts = settings.experts();
        int topK = settings.topK();
        double near = 2 * settings.selection().jitter();
        for (int j = 0; j < topK; j++) {
            System.arraycopy(row, 0, row, experts, experts);
            for (int taken = 0; taken < j; taken++) {
                row[experts + chosen[token * topK + taken]] = Double.NEGATIVE_INFINITY;
            }
            int best = 0;
            for (int e = 1; e < experts; e++) {
                best = row[experts + e] > row[experts + best] ? e : best;
            }
            double max = row[experts + best];
            for (int e = 0; e < experts; e++) {
                if ((max - row[e]) / Math.max(Math.abs(row[e]), max) > near) {
                    row[experts + e] = Double.NEGATIVE_INFINITY;
                }
            }
            softmax(row, experts, experts);
            chosen[token * topK + j] = best;
            weights.data()[weights.at(token) + j] = (float) row[experts + best];
        }
    }

    private static void softmax(double[] values, int from, int count) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + count; i++) {
            max = Math.max(max, values[i]);
        }
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            values[i] = Math.exp(values[i] - max);
            sum += values[i];
        }
        for (int i = from; i < from + count; i++) {
            values[i] /= sum;
        }
    }

    private void weigh() {
        Weighting weighting = settings.weighting();
        if (!settings.renormalise() && weighting.scale() == 1) {
            return;
        }
        for (int token = 0; token < weights.rows(); token++) {
            int at = weights.at(token);
            double divisor = settings.renormalise() ? divisor(weighting, at) : 1;
            for (int j = at; j < at + settings.topK(); j++) {
                weights.data()[j] = (float) (weights.data()[j] / divisor * weighting.scale());
            }
        }
    }

    private double divisor(Weighting weighting, int at) {
        double norm = 0;
        for (int j = at; j < at + settings.topK(); j++) {
            double weight = weights.data()[j];
            norm += weighting.norm() == 1 ? weight : Math.pow(Math.abs(weight), weighting.norm());
        }
        if (weighting.norm() != 1) {
            norm = Math.pow(norm, 1 / weighting.norm());
        }
        return Math.max(weighting.minimum(), norm + weighting.epsilon());
    }

    private void drop(Pass pass) {
        Capacity capacity = settings.capacity();
        int topK = settings.topK();
        for (Segment segment : pass.segments()) {
            long limit = capacity.of(segment.rows());
            long[] filled = new long[settings.experts()];
            for (int j = 0; j < topK; j++) {
                for (int token = segment.row(); token < segment.row() + segment.rows(); token++) {
                    if (filled[ids.data()[token * topK + j]]++ >= limit) {
                        weights.data()[weights.at(token) + j] = 0;
                    }
                }
            }
        }
    }
}
