package tilewright.model.graph;

import java.util.Arrays;
import tilewright.model.graph.RouterSettings.Capacity;
import tilewright.model.graph.RouterSettings.GroupScore;
import tilewright.model.graph.RouterSettings.Normalise;
import tilewright.model.graph.RouterSettings.Selection;
import tilewright.model.graph.RouterSettings.Weighting;

/** The float64 meaning of a {@link Router}'s settings, token by token. */
final class Routing {
    private Routing() {}

    /**
     * Chooses one token's experts and gives each its weight, before capacity, renormalisation and scale.
     *
     * @param scores one per expert; overwritten
     * @param bias one per expert, added for the choice; null for none
     * @param ids takes topK experts in order of selection
     * @param weights takes their weights
     */
    static void choose(RouterSettings settings, double[] scores, double[] bias, int[] ids, double[] weights) {
        if (settings.normalise() == Normalise.SPARSE_MIXER) {
            mix(scores, settings.selection().jitter(), ids, weights);
            return;
        }
        switch (settings.normalise()) {
            case SOFTMAX_BEFORE_SELECT -> Router.softmax(scores, 0, scores.length);
            case SIGMOID -> {
                for (int e = 0; e < scores.length; e++) {
                    scores[e] = 1 / (1 + Math.exp(-scores[e]));
                }
            }
            default -> {}
        }
        double[] choice = scores.clone();
        if (bias != null) {
            for (int e = 0; e < choice.length; e++) {
                choice[e] += bias[e];
            }
        }
        keepGroups(choice, settings.selection());
        top(choice, ids);
        for (int j = 0; j < ids.length; j++) {
            weights[j] = scores[ids[j]];
        }
        if (settings.normalise() == Normalise.SOFTMAX_AFTER_SELECT) {
            Router.softmax(weights, 0, weights.length);
        }
    }

    /** The indices of the largest values, largest first; ties to the lowest index. */
    private static void top(double[] values, int[] ids) {
        boolean[] taken = new boolean[values.length];
        for (int j = 0; j < ids.length; j++) {
            int best = -1;
            for (int e = 0; e < taken.length; e++) {
                // Strictly greater: the lowest index wins a tie.
                if (!taken[e] && (best < 0 || values[e] > values[best])) {
                    best = e;
                }
            }
            taken[best] = true;
            ids[j] = best;
        }
    }

    /** Sets the values of all but the best groups to minus infinity. */
    private static void keepGroups(double[] values, Selection selection) {
        int groups = selection.groups();
        if (groups == selection.keptGroups()) {
            return;
        }
        int size = values.length / groups;
        double[] scores = new double[groups];
        for (int g = 0; g < groups; g++) {
            double[] members = Arrays.copyOfRange(values, g * size, (g + 1) * size);
            Arrays.sort(members);
            scores[g] = members[size - 1];
            if (selection.groupScore() == GroupScore.TOP2_SUM && size > 1) {
                scores[g] += members[size - 2];
            }
        }
        int[] kept = new int[selection.keptGroups()];
        top(scores, kept);
        boolean[] open = new boolean[groups];
        for (int g : kept) {
            open[g] = true;
        }
        for (int e = 0; e < values.length; e++) {
            if (!open[e / size]) {
                values[e] = Double.NEGATIVE_INFINITY;
            }
        }
    }

    private static void mix(double[] scores, double jitter, int[] ids, double[] weights) {
        boolean[] taken = new boolean[scores.length];
        for (int j = 0; j < ids.length; j++) {
            double[] open = scores.clone();
            for (int e = 0; e < open.length; e++) {
                open[e] = taken[e] ? Double.NEGATIVE_INFINITY : open[e];
            }
            int[] best = new int[1];
            top(open, best);
            double max = open[best[0]];
            for (int e = 0; e < open.length; e++) {
                if ((max - scores[e]) / Math.max(Math.abs(scores[e]), max) > 2 * jitter) {
                    open[e] = Double.NEGATIVE_INFINITY;
                }
            }
            Router.softmax(open, 0, open.length);
            ids[j] = best[0];
            weights[j] = open[best[0]];
            taken[best[0]] = true;
        }
    }

    /** Applies capacity, renormalisation and scale to the weights of one sequence. */
    static void weigh(RouterSettings settings, double[] ids, double[] weights, int from, int tokens) {
        Capacity capacity = settings.capacity();
        if (capacity.beforeWeighting()) {
            drop(settings, ids, weights, from, tokens);
        }
        Weighting weighting = settings.weighting();
        int topK = settings.topK();
        for (int first = from; first < from + tokens * topK; first += topK) {
            double divisor = settings.renormalise() ? divisor(weighting, weights, first, topK) : 1;
            for (int j = first; j < first + topK; j++) {
                weights[j] = weights[j] / divisor * weighting.scale();
            }
        }
        if (!capacity.beforeWeighting()) {
            drop(settings, ids, weights, from, tokens);
        }
    }

    private static double divisor(Weighting weighting, double[] weights, int from, int count) {
        double sum = 0;
        for (int j = from; j < from + count; j++) {
            sum += weighting.norm() == 1 ? weights[j] : Math.pow(Math.abs(weights[j]), weighting.norm());
        }
        double norm = weighting.norm() == 1 ? sum : Math.pow(sum, 1 / weighting.norm());
        return Math.max(weighting.minimum(), norm + weighting.epsilon());
    }

    private static void drop(RouterSettings settings, double[] ids, double[] weights, int from, int tokens) {
        if (settings.capacity().isNone()) {
            return;
        }
        long limit = settings.capacity().of(tokens);
        long[] filled = new long[settings.experts()];
        for (int j = 0; j < settings.topK(); j++) {
            for (int t = 0; t < tokens; t++) {
                int slot = from + t * settings.topK() + j;
                if (filled[(int) ids[slot]]++ >= limit) {
                    weights[slot] = 0;
                }
            }
        }
    }
}
