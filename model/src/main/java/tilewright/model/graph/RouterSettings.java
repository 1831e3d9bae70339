package tilewright.model.graph;

import java.util.List;

/**
 * How a router chooses experts, as data: score, normalise, select, renormalise.
 *
 * <p>Ties go to the expert with the lowest index.
 *
 * @param experts number of experts to choose from
 * @param topK experts per token
 * @param score how a token is scored against the experts
 * @param normalise how scores become weights, and whether before or after the selection
 * @param select how experts are chosen
 * @param renormalise whether the chosen weights are divided by their sum
 * @param gateTasks the task of each gate operand; empty when the router has one gate for everything
 */
public record RouterSettings(
        int experts,
        int topK,
        Score score,
        Normalise normalise,
        Select select,
        boolean renormalise,
        List<String> gateTasks) {
    /** How a token is scored. */
    public enum Score {
        /** The inner product with the expert's gate row. */
        LINEAR
    }

    /** How scores become weights. */
    public enum Normalise {
        /** Softmax over all experts, then selection on the probabilities. */
        SOFTMAX_BEFORE_SELECT,
        /** Selection on the scores, then softmax over the selected. */
        SOFTMAX_AFTER_SELECT,
        /** A logistic per expert, then selection on it. */
        SIGMOID
    }

    /** How experts are chosen. */
    public enum Select {
        /** The k largest, largest first. */
        TOP_K
    }

    /** Copies the list. */
    public RouterSettings {
        gateTasks = List.copyOf(gateTasks);
    }

    /** Softmax over all experts, then top-k, not renormalised: M3ViT and Edge-MoE. */
    public static RouterSettings softmaxThenTopK(int experts, int topK, List<String> gateTasks) {
        return new RouterSettings(
                experts, topK, Score.LINEAR, Normalise.SOFTMAX_BEFORE_SELECT, Select.TOP_K, false, gateTasks);
    }

    /** These settings for another list of gates. */
    public RouterSettings withGateTasks(List<String> tasks) {
        return new RouterSettings(experts, topK, score, normalise, select, renormalise, tasks);
    }
}
