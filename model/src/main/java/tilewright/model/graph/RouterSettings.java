package tilewright.model.graph;

import java.util.List;

/**
 * How a router chooses experts, as data: score, normalise, select, weigh, limit.
 *
 * <p>Ties go to the expert with the lowest index.
 *
 * @param experts number of experts to choose from; zero experts count
 * @param topK experts per token
 * @param score how a token is scored against the experts
 * @param normalise how scores become weights, and whether before or after the selection
 * @param select how experts are chosen
 * @param renormalise whether the chosen weights are divided by their sum, as {@code weighting} says
 * @param gateTasks the task of each gate operand; empty when the router has one gate for everything
 * @param gateBias whether an operand [experts] is added to the scores
 * @param selection what changes the choice but not the weights
 * @param weighting what happens to the chosen weights
 * @param capacity how many tokens an expert takes
 */
public record RouterSettings(
        int experts,
        int topK,
        Score score,
        Normalise normalise,
        Select select,
        boolean renormalise,
        List<String> gateTasks,
        boolean gateBias,
        Selection selection,
        Weighting weighting,
        Capacity capacity) {
    /** How a token is scored. */
    public enum Score {
        /** The inner product with the expert's gate row. */
        LINEAR,
        /** The router's operand is the scores; there is no gate operand. */
        GIVEN
    }

    /** How scores become weights. */
    public enum Normalise {
        /** Softmax over all experts, then selection on the probabilities. */
        SOFTMAX_BEFORE_SELECT,
        /** Selection on the scores, then softmax over the selected. */
        SOFTMAX_AFTER_SELECT,
        /** A logistic per expert, then selection on it. */
        SIGMOID,
        /**
         * One expert after the other, each weighed by a softmax over those experts not taken yet whose score is near the best:
         * SparseMixer in inference (Liu et al. 2023, arXiv 2310.00811), as PhiMoE uses it.
         */
        SPARSE_MIXER,
        /** Scores are weights. */
        NONE
    }

    /** How experts are chosen. */
    public enum Select {
        /** The k largest, largest first. */
        TOP_K
    }

    /** What stands for a group of experts when groups are chosen. */
    public enum GroupScore {
        /** The largest member: DeepSeek-V2. */
        MAX,
        /** The sum of the two largest members: DeepSeek-V3. */
        TOP2_SUM
    }

    /**
     * What changes the choice of experts but not their weights.
     *
     * @param bias whether an operand [experts] is added to the normalised scores for the choice
     * @param groups equal groups of experts, of which only some may be chosen from; 1 for no groups
     * @param keptGroups groups with the largest score that may be chosen from
     * @param groupScore what stands for a group
     * @param jitter of {@link Normalise#SPARSE_MIXER}: experts are near the best when {@code (best - score) / max(|score|, best)} is
     *     at most twice this
     */
    public record Selection(boolean bias, int groups, int keptGroups, GroupScore groupScore, double jitter) {
        /** The k largest of all. */
        public static final Selection PLAIN = new Selection(false, 1, 1, GroupScore.MAX, 0);
    }

    /**
     * What happens to the chosen weights: {@code w / max(minimum, (sum |w|^norm)^(1/norm) + epsilon) * scale}, the division only when
     * the router renormalises.
     *
     * @param norm 1 for the sum; DBRX may use others
     * @param epsilon added to the norm
     * @param minimum least divisor
     * @param scale multiplies every weight, renormalised or not
     */
    public record Weighting(double norm, double epsilon, double minimum, double scale) {
        /** Division by the plain sum, no scaling. */
        public static final Weighting PLAIN = new Weighting(1, 0, 0, 1);
    }

    /**
     * How many tokens of one sequence, among those that run together, an expert takes; further ones get weight 0. First choices go
     * first, in token order, then second choices, and so on.
     *
     * @param tokens per expert; 0 for no such limit
     * @param fraction of the tokens, rounded up, that one expert takes; 0 for no such limit
     * @param beforeWeighting whether dropped weights are left out of the sum when weights are renormalised
     */
    public record Capacity(int tokens, double fraction, boolean beforeWeighting) {
        /** No limit. */
        public static final Capacity NONE = new Capacity(0, 0, false);

        /** The tokens that an expert takes out of a number. */
        public long of(long together) {
            long limit = tokens > 0 ? tokens : Long.MAX_VALUE;
            return fraction > 0 ? Math.min(limit, (long) Math.ceil(fraction * together)) : limit;
        }

        /** Whether nothing is ever dropped. */
        public boolean isNone() {
            return tokens == 0 && fraction == 0;
        }
    }

    /** Copies the list. */
    public RouterSettings {
        gateTasks = List.copyOf(gateTasks);
    }

    /** A router without biases, groups, scaling and capacity. */
    public RouterSettings(
            int experts,
            int topK,
            Score score,
            Normalise normalise,
            Select select,
            boolean renormalise,
            List<String> gateTasks) {
        this(
                experts,
                topK,
                score,
                normalise,
                select,
                renormalise,
                gateTasks,
                false,
                Selection.PLAIN,
                Weighting.PLAIN,
                Capacity.NONE);
    }

    /** Softmax over all experts, then top-k, not renormalised: M3ViT and Edge-MoE. */
    public static RouterSettings softmaxThenTopK(int experts, int topK, List<String> gateTasks) {
        return new RouterSettings(
                experts, topK, Score.LINEAR, Normalise.SOFTMAX_BEFORE_SELECT, Select.TOP_K, false, gateTasks);
    }

    /** A router over scores that another node has computed. */
    public static RouterSettings given(int experts, int topK, Normalise normalise, boolean renormalise) {
        return new RouterSettings(experts, topK, Score.GIVEN, normalise, Select.TOP_K, renormalise, List.of());
    }

    /** These settings for another list of gates. */
    public RouterSettings withGateTasks(List<String> tasks) {
        return new RouterSettings(
                experts, topK, score, normalise, select, renormalise, tasks, gateBias, selection, weighting, capacity);
    }

    /** These settings with a bias operand of the gate. */
    public RouterSettings withGateBias() {
        return new RouterSettings(
                experts, topK, score, normalise, select, renormalise, gateTasks, true, selection, weighting, capacity);
    }

    /** These settings with another selection. */
    public RouterSettings with(Selection changed) {
        return new RouterSettings(
                experts,
                topK,
                score,
                normalise,
                select,
                renormalise,
                gateTasks,
                gateBias,
                changed,
                weighting,
                capacity);
    }

    /** These settings with another weighting. */
    public RouterSettings with(Weighting changed) {
        return new RouterSettings(
                experts,
                topK,
                score,
                normalise,
                select,
                renormalise,
                gateTasks,
                gateBias,
                selection,
                changed,
                capacity);
    }

    /** These settings with another capacity. */
    public RouterSettings with(Capacity changed) {
        return new RouterSettings(
                experts,
                topK,
                score,
                normalise,
                select,
                renormalise,
                gateTasks,
                gateBias,
                selection,
                weighting,
                changed);
    }

    /** Whether the router is of the kind that has neither biases nor groups, scaling or capacity, and a gate of its own. */
    public boolean isPlain() {
        return score == Score.LINEAR
                && normalise != Normalise.SPARSE_MIXER
                && normalise != Normalise.NONE
                && !gateBias
                && selection.equals(Selection.PLAIN)
                && weighting.equals(Weighting.PLAIN)
                && capacity.isNone();
    }

    /** The gate operands: one per task, one for all tasks, or none when scores are given. */
    public int gates() {
        return score == Score.GIVEN ? 0 : Math.max(1, gateTasks.size());
    }

    void checkSettings() {
        if (topK < 1 || topK > experts) {
            throw new InvalidGraphException("has top_k " + topK + ", expected 1 to the number of experts, " + experts);
        }
        int groups = selection.groups();
        Operands.atLeast("groups", groups, 1);
        if (experts % groups != 0) {
            throw new InvalidGraphException(
                    "has " + experts + " experts, expected a multiple of " + groups + " groups");
        }
        int kept = selection.keptGroups();
        if (kept < 1 || kept > groups || topK > experts / groups * kept) {
            throw new InvalidGraphException("has kept_groups " + kept + ", expected 1 to " + groups
                    + " groups with at least " + topK + " experts together");
        }
        if (!(selection.jitter() >= 0)) {
            throw new InvalidGraphException("has jitter " + selection.jitter() + ", expected a number of at least 0");
        }
        if (!(weighting.norm() > 0) || !(weighting.epsilon() >= 0) || !(weighting.minimum() >= 0)) {
            throw new InvalidGraphException("has norm " + weighting.norm() + ", epsilon " + weighting.epsilon()
                    + " and minimum " + weighting.minimum() + ", expected a norm above 0 and the others at least 0");
        }
        if (!Double.isFinite(weighting.scale())) {
            throw new InvalidGraphException("has scale " + weighting.scale() + ", expected a finite number");
        }
        Operands.atLeast("capacity", capacity.tokens(), 0);
        if (!(capacity.fraction() >= 0)) {
            throw new InvalidGraphException(
                    "has capacity fraction " + capacity.fraction() + ", expected a number of at least 0");
        }
    }
}
