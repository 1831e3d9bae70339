package tilewright.edge.matrix;

import java.util.List;
import tilewright.model.graph.EncodedMatrix;

/**
 * The matrices of a layer's experts, each of them there when it is asked for; safe for use by several threads.
 *
 * <p>An implementation may load an expert on demand and drop it when nobody holds it.
 */
public interface ExpertWeights {
    /**
     * One expert's matrices.
     *
     * @param gate [hidden, width]; of a plain (not gated) expert its first matrix
     * @param up [hidden, width], or null for a plain expert
     * @param down [outputs, hidden]
     */
    record Expert(MatrixWeights gate, MatrixWeights up, MatrixWeights down) {}

    /** The number of experts. */
    int experts();

    /** Elements of an input row. */
    int width();

    /** Elements between the first matrices and the last. */
    int hidden();

    /** Elements of an output row. */
    int outputs();

    /**
     * An expert, which stays usable until it is released as often as it was acquired.
     *
     * @param expert 0 to {@link #experts()} - 1
     */
    Expert acquire(int expert);

    /** Ends the use that one {@link #acquire} began. */
    void release(int expert);

    /**
     * The experts that one product needs, each handed out once, as soon as it is there; safe for use by several threads.
     *
     * <p>Which comes when is left to chance where they must be loaded.
     */
    interface Step extends AutoCloseable {
        /**
         * Waits until an expert is there that was not handed out yet.
         *
         * @return its place in the list that {@link #begin} got; -1 when all have been handed out
         * @throws tilewright.model.InvalidInputException when one cannot be loaded
         */
        int take();

        /** As {@link #take}, but -1 instead of waiting. */
        int poll();

        /** The expert at a place that was handed out. */
        Expert expert(int place);

        /** Ends the use of an expert that was handed out. */
        void done(int place);

        /** Ends the use of all, handed out or not. */
        @Override
        void close();
    }

    /**
     * Announces what a product is going to use.
     *
     * @param experts different experts; handed out in this order where nothing must be loaded
     */
    default Step begin(int[] experts) {
        return new OrderedStep(this, experts);
    }

    /**
     * As above.
     *
     * @param rows how many rows each of them gets
     */
    default Step begin(int[] experts, int[] rows) {
        return begin(experts);
    }

    /**
     * Says which experts the next product will probably use, most probable first; a hint that may be ignored.
     *
     * @param experts different experts
     */
    default void expect(int[] experts) {
        // Nothing to prepare where all are in reach.
    }

    /**
     * Whether an expert is left out of a step, because its little weight is not worth what it would cost.
     *
     * @param share the largest part that it has of the routing weights of any of the step's tokens, 0 to 1
     * @param tokens of the step that go to it
     */
    default boolean leavesOut(int expert, double share, int tokens) {
        return false;
    }

    /** Whether {@link #leavesOut} is asked for each token by itself, instead of once for all tokens of a step. */
    default boolean leavesOutByToken() {
        return false;
    }

    /** Whether {@link #expect} is of use now. */
    default boolean wantsGuesses() {
        return false;
    }

    /**
     * Experts that are all in reach, each packed on first use.
     *
     * @param name what messages call them
     * @param gate the experts' first matrices one after the other, rows divisible by {@code experts}
     * @param up likewise, or null for plain experts
     * @param down the experts' last matrices one after the other
     * @param experts the number of experts, at least 1
     * @throws IllegalArgumentException when the shapes do not belong together
     */
    static ExpertWeights of(
            String name, List<EncodedMatrix> gate, List<EncodedMatrix> up, List<EncodedMatrix> down, int experts) {
        return of(name, gate, up, down, experts, new WeightMemory());
    }

    /** As above, to be packed into memory that is shared with other matrices. */
    static ExpertWeights of(
            String name,
            List<EncodedMatrix> gate,
            List<EncodedMatrix> up,
            List<EncodedMatrix> down,
            int experts,
            WeightMemory memory) {
        return new ResidentExperts(name, gate, up, down, experts, memory);
    }
}
