package tilewright.hw.program;

import java.util.List;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.FixedPoint;
import tilewright.hw.arith.LayerNormParameters;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.SoftmaxFormat;

/** One instruction: a unit of the accelerator, its operands and its quantised parameters. */
public sealed interface Step {
    /** The step's name, unique in its task, such as {@code block3.qkv}. */
    String name();

    /** The part of the model that the step belongs to: {@code embed}, {@code block0} and so on, {@code head}. */
    String block();

    /** The buffer that the step writes. */
    Buffer output();

    /**
     * Patch embedding: {@code output[first + p] = saturate(table[first + p] + requantise(linear(patch p)))}; the rows
     * before {@code first} are copied from the table, which holds class tokens and position embeddings.
     *
     * @param table {@code [tokens, features]} in units of the output
     */
    record Embed(
            String name,
            String block,
            PatchGeometry geometry,
            LinearParameters linear,
            int[] table,
            int firstPatchToken,
            Buffer output)
            implements Step {}

    /** LayerNorm of some rows of the input into the same rows of the output. */
    record Norm(
            String name, String block, Buffer input, TokenRange tokens, LayerNormParameters parameters, Buffer output)
            implements Step {}

    /**
     * Linear layer on some rows of the input, into the rows of the output from row 0, with an optional activation, or
     * added to what the output already holds.
     *
     * @param activation after requantisation, or null
     * @param accumulate whether the result is added to the output, saturating
     */
    record Linear(
            String name,
            String block,
            Buffer input,
            TokenRange tokens,
            LinearParameters linear,
            ActivationUnit activation,
            boolean accumulate,
            Buffer output)
            implements Step {}

    /**
     * Multi-head attention over all tokens.
     *
     * <p>The input's features are 3 x heads groups: queries, keys, values. Scores are
     * {@code score(sum_i q_i k_i)} with the fraction bits of
     * {@link SoftmaxFormat#SCORE_FRACTION}; the output is {@code context(sum_t p_t v_t)}.
     *
     * @param score from the accumulator to base-2 scores
     * @param context from the accumulator to the output's units
     */
    record Attention(
            String name, String block, Buffer input, int heads, Requantizer score, Requantizer context, Buffer output)
            implements Step {
        /**
         * The number of bits that hold every sum of this step for every input: the proof that its accumulators cannot
         * overflow.
         *
         * <p>A score sums the products of one head's codes. A context sums values weighed with probabilities, which
         * together exceed one by less than a unit per token: mantissas are cut off, so that they never add up to more than
         * the row's sum, and each probability is rounded once.
         *
         * @param softmax widths of the probabilities
         */
        public int accumulatorBits(SoftmaxFormat softmax) {
            long code = 1L << (input.bits() - 1);
            long score = input.groupSize() * code * code;
            long context = ((1L << softmax.probabilityBits()) + input.tokens() + 2) * code;
            return FixedPoint.bitLength(Math.max(score, context)) + 1;
        }

        /**
         * This step, if its accumulators fit.
         *
         * @throws ArithmeticException naming the step and the bits that it needs
         */
        public Attention requireAccumulator(SoftmaxFormat softmax, int availableBits) {
            int needed = accumulatorBits(softmax);
            if (needed > availableBits) {
                throw new ArithmeticException(name + ": the accumulator of attention needs " + needed
                        + " bits, the design has " + availableBits + "; use smaller heads or 16-bit arithmetic");
            }
            return this;
        }
    }

    /**
     * Routing: scores of all experts, the top k per token, their probabilities; fills the token queues.
     *
     * @param linear one output per expert; its scales give base-2 scores
     * @param topK experts per token
     * @param overSelected whether the softmax runs over the selected experts only, the best first; else over all of them
     * @param output the routed rows: {@code [tokens, topK]} expert numbers
     */
    record Route(
            String name,
            String block,
            Buffer input,
            LinearParameters linear,
            int topK,
            boolean overSelected,
            Buffer output)
            implements Step {}

    /**
     * Expert layers on the queues that the last {@link Route} filled: for each expert with tokens, in ascending order,
     * {@code output[t] = saturate(output[t] + round(p * requantise(second(activation(first(input[t]))))))}.
     *
     * @param first one per expert, features to hidden
     * @param second one per expert, hidden to features
     * @param hidden the hidden rows of one expert's queue
     */
    record Experts(
            String name,
            String block,
            Buffer input,
            List<LinearParameters> first,
            ActivationUnit activation,
            Buffer hidden,
            List<LinearParameters> second,
            Buffer output)
            implements Step {}
}
