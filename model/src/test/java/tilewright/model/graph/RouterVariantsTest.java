package tilewright.model.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static tilewright.model.graph.OperatorValues.assertCase;
import static tilewright.model.graph.OperatorValues.sample;
import static tilewright.model.graph.OperatorValues.times;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tilewright.model.graph.RouterSettings.Capacity;
import tilewright.model.graph.RouterSettings.GroupScore;
import tilewright.model.graph.RouterSettings.Normalise;
import tilewright.model.graph.RouterSettings.Selection;
import tilewright.model.graph.RouterSettings.Weighting;

/** Every kind of routing, and mixtures around it, against the transformers classes that define them. */
class RouterVariantsTest {
    private static final Tensor64 X = sample(35, 1, 5, 4);
    private static final Tensor64 BIAS = times(sample(37, 8), 0.125);
    private static final Selection BIASED = new Selection(true, 1, 1, GroupScore.MAX, 0);

    private static Tensor64 run(Op op, Tensor64... inputs) {
        return op.evaluate(List.of(inputs)).getFirst();
    }

    private static Tensor64 scores() {
        Tensor64 gate = times(sample(36, 8, 4), 0.25);
        for (int i = 0; i < 32; i++) {
            gate.data()[i] += i / 1000.0;
        }
        return run(new Linear(), X, gate);
    }

    private static RouterSettings given(int topK, Normalise normalise, boolean renormalise) {
        return RouterSettings.given(8, topK, normalise, renormalise);
    }

    /** Compares routes, the reference's and these both in falling order of their weights. */
    private static void check(String name, RouterSettings settings, double tolerance, Tensor64... biases) {
        List<Tensor64> operands = new ArrayList<>(List.of(scores()));
        operands.addAll(List.of(biases));
        List<Tensor64> routes = new Router(settings).evaluate(operands);
        int topK = settings.topK();
        Tensor64 ids = Tensor64.zeros(1, 5, topK);
        Tensor64 weights = Tensor64.zeros(1, 5, topK);
        for (int token = 0; token < 5; token++) {
            int from = token * topK;
            List<Integer> order = IntStream.range(from, from + topK)
                    .boxed()
                    .sorted(Comparator.comparingDouble(slot -> -routes.get(1).data()[slot]))
                    .toList();
            for (int j = 0; j < topK; j++) {
                ids.data()[from + j] = routes.get(0).data()[order.get(j)];
                weights.data()[from + j] = routes.get(1).data()[order.get(j)];
            }
        }
        assertCase(name + "_ids", ids, 0);
        assertCase(name + "_weights", weights, tolerance);
    }

    /** As {@link #check}, when both sides have the order of selection. */
    private static void checkInOrder(String name, RouterSettings settings) {
        List<Tensor64> routes = new Router(settings).evaluate(List.of(scores()));
        assertCase(name + "_ids", routes.get(0), 0);
        assertCase(name + "_weights", routes.get(1), 1e-6);
    }

    @Test
    void deepSeekV2TakesGroupsByTheirBestExpert() {
        RouterSettings settings = given(3, Normalise.SOFTMAX_BEFORE_SELECT, false)
                .with(new Selection(false, 4, 2, GroupScore.MAX, 0))
                .with(new Weighting(1, 0, 0, 2.5));
        check("router_deepseek_v2", settings, 1e-6);
    }

    @Test
    void deepSeekV3TakesGroupsByTheirTwoBestAndWeighsWithoutBias() {
        RouterSettings settings = given(3, Normalise.SIGMOID, true)
                .with(new Selection(true, 4, 2, GroupScore.TOP2_SUM, 0))
                .with(new Weighting(1, 1e-20, 0, 2.5));
        check("router_deepseek_v3", settings, 1e-6, BIAS);
    }

    @Test
    void ernieDividesByTheSumOrItsMinimum() {
        RouterSettings settings =
                given(3, Normalise.SOFTMAX_BEFORE_SELECT, true).with(BIASED).with(new Weighting(1, 0, 0.9, 1));
        check("router_ernie", settings, 1e-6, BIAS);
    }

    @Test
    void lfm2AddsAnEpsilonToTheSum() {
        RouterSettings settings = given(3, Normalise.SIGMOID, true).with(BIASED).with(new Weighting(1, 1e-6, 0, 2.5));
        check("router_lfm2", settings, 1e-12, BIAS);
    }

    @Test
    void gptOssAddsTheGateBiasAndTakesTheSoftmaxOfTheSelected() {
        check("router_gpt_oss", given(3, Normalise.SOFTMAX_AFTER_SELECT, false).withGateBias(), 1e-12, BIAS);
    }

    @Test
    void longCatTakesTheSoftmaxOverRealAndZeroExperts() {
        RouterSettings settings =
                given(3, Normalise.SOFTMAX_BEFORE_SELECT, false).with(BIASED).with(new Weighting(1, 0, 0, 2.5));
        check("router_longcat", settings, 1e-6, BIAS);
    }

    @Test
    void phiMoeMixesOneExpertAfterTheOther() {
        RouterSettings settings =
                given(2, Normalise.SPARSE_MIXER, false).with(new Selection(false, 1, 1, GroupScore.MAX, 0.2));
        checkInOrder("router_phimoe", settings);
    }

    @Test
    void dbrxDividesByANorm() {
        check("router_dbrx", given(3, Normalise.SOFTMAX_BEFORE_SELECT, true).with(new Weighting(2, 0, 0, 1)), 1e-6);
    }

    @Test
    void llama4TakesTheLogisticOfTheSelected() {
        check("router_llama4", given(3, Normalise.SIGMOID, false), 1e-6);
    }

    @Test
    void switchDropsTokensBeyondTheCapacity() {
        RouterSettings settings =
                given(1, Normalise.SOFTMAX_BEFORE_SELECT, false).with(new Capacity(1, 0, false));
        checkInOrder("router_switch", settings);
    }

    @Test
    void nllbFillsFirstChoicesBeforeSecondOnes() {
        RouterSettings settings =
                given(2, Normalise.SOFTMAX_BEFORE_SELECT, true).with(new Weighting(1, 0, 0x1p-52, 1));
        checkInOrder("router_nllb_after", settings.with(new Capacity(0, 0.4, true)));
        checkInOrder("router_nllb_before", settings.with(new Capacity(0, 0.4, false)));
    }

    @Test
    void aGateOfItsOwnScoresAsALinearLayerDoes() {
        Tensor64 gate = sample(1, 8, 4);
        RouterSettings linear = new RouterSettings(
                        8,
                        3,
                        RouterSettings.Score.LINEAR,
                        Normalise.SIGMOID,
                        RouterSettings.Select.TOP_K,
                        true,
                        List.of())
                .withGateBias()
                .with(BIASED);
        Tensor64 scores = run(new Linear(), X, gate, sample(2, 8));
        assertEquals(
                new Router(given(3, Normalise.SIGMOID, true).with(BIASED)).evaluate(List.of(scores, BIAS)),
                new Router(linear).evaluate(List.of(X, gate, sample(2, 8), BIAS)));
    }

    @Test
    void equalScoresGoToTheLowestIndexInEveryVariant() {
        Tensor64 equal = new Tensor64(new int[] {1, 1, 8}, new double[8]);
        for (Normalise normalise : Normalise.values()) {
            double[] ids = new Router(given(2, normalise, false))
                    .evaluate(List.of(equal))
                    .getFirst()
                    .data();
            assertEquals(0, ids[0], normalise.name());
            assertEquals(1, ids[1], normalise.name());
        }
    }

    private static final Tensor64 TOKENS = sample(38, 1, 3, 4);
    private static final Tensor64 IDS = new Tensor64(new int[] {1, 3, 2}, new double[] {2, 0, 1, 2, 2, 1});
    private static final Tensor64 WEIGHTS =
            new Tensor64(new int[] {1, 3, 2}, sample(45, 3, 2).data());
    private static final Tensor64 GATE = sample(39, 3, 2, 4);
    private static final Tensor64 UP = sample(40, 3, 2, 4);
    private static final Tensor64 DOWN = sample(41, 3, 4, 2);

    private static Tensor64 firstTwo(Tensor64 experts) {
        int[] dims = experts.dims().clone();
        dims[0] = 2;
        Tensor64 two = Tensor64.zeros(dims);
        System.arraycopy(experts.data(), 0, two.data(), 0, two.data().length);
        return two;
    }

    @Test
    void gptOssExpertsClampAndHaveBiases() {
        List<Tensor64> queues = new Dispatch(3).evaluate(List.of(TOKENS, IDS));
        GatedExperts op = new GatedExperts(new GatedUnit(Activation.QUICK_GELU, 1.5, 1));
        Tensor64 out = run(
                op, queues.get(0), queues.get(1), GATE, UP, DOWN, sample(42, 3, 2), sample(43, 3, 2), sample(44, 3, 4));
        assertCase("experts_gpt_oss", run(new Combine(2), out, queues.get(2), WEIGHTS), 1e-12);
    }

    @Test
    void zeroExpertsCopyTheirTokens() {
        List<Tensor64> queues = new Dispatch(3).evaluate(List.of(TOKENS, IDS));
        GatedExperts op = new GatedExperts(new GatedUnit(Activation.SILU), 1);
        Tensor64 out = run(op, queues.get(0), queues.get(1), firstTwo(GATE), firstTwo(UP), firstTwo(DOWN));
        assertCase("experts_longcat", run(new Combine(2), out, queues.get(2), WEIGHTS), 1e-12);
    }

    @Test
    void llama4WeighsWhatExpertsRead() {
        Tensor64 scores = run(new Linear(), TOKENS, times(sample(46, 3, 4), 0.25));
        List<Tensor64> routes =
                new Router(RouterSettings.given(3, 2, Normalise.SIGMOID, false)).evaluate(List.of(scores));
        List<Tensor64> queues = new Dispatch(3).evaluate(List.of(TOKENS, routes.get(0)));
        Tensor64 scaled = run(new ScaleQueue(2), queues.get(0), queues.get(2), routes.get(1));
        Tensor64 out = run(new GatedExperts(new GatedUnit(Activation.SILU)), scaled, queues.get(1), GATE, UP, DOWN);
        assertCase("experts_llama4", run(new Combine(2, false), out, queues.get(2), routes.get(0)), 1e-6);
    }

    @Test
    void jetMoeRoutesAttentionHeads() {
        Tensor64 scores = run(new Linear(), TOKENS, times(sample(49, 3, 4), 0.25));
        List<Tensor64> routes =
                new Router(RouterSettings.given(3, 2, Normalise.SOFTMAX_AFTER_SELECT, false)).evaluate(List.of(scores));
        List<Tensor64> queues = new Dispatch(3).evaluate(List.of(TOKENS, routes.get(0)));
        Tensor64 queries = run(new ExpertLinear(), queues.get(0), queues.get(1), sample(47, 3, 4, 4));
        Tensor64 q = run(new Collect(2), queries, queues.get(2), routes.get(0));
        // Each expert makes one query head per key head: regroup [expert][key head] to [key head][expert].
        List<Tensor64> experts = new SplitHeads(1, List.of(4, 4)).evaluate(List.of(q));
        q = new JoinHeads(2, List.of(2, 2)).evaluate(experts).getFirst();
        List<Tensor64> kv =
                new SplitHeads(1, List.of(4, 4)).evaluate(List.of(run(new Linear(), TOKENS, sample(51, 8, 4))));
        RopeFrequencies one = RopeFrequencies.Fixed.of(100, 2);
        q = run(new Rope(RopeSettings.wholeHeads(4, 2, RopeSettings.Pairing.HALVES, one)), q);
        Tensor64 k = run(new Rope(RopeSettings.wholeHeads(2, 2, RopeSettings.Pairing.HALVES, one)), kv.get(0));
        MaskedAttention attention = new MaskedAttention(AttentionSettings.causal(4, 2, 2, 2, 1 / Math.sqrt(2)));
        Tensor64 context = run(attention, q, k, kv.get(1));
        List<Tensor64> heads = new SplitHeads(2, List.of(2, 2)).evaluate(List.of(context));
        context = new JoinHeads(1, List.of(4, 4)).evaluate(heads).getFirst();
        List<Tensor64> back = new Dispatch(3, true).evaluate(List.of(context, routes.get(0)));
        Tensor64 out = run(new ExpertLinear(), back.get(0), back.get(1), sample(48, 3, 4, 4));
        Tensor64 sum = run(new Combine(2), out, back.get(2), routes.get(1));
        assertCase("attention_jetmoe", run(new Add(), sum, sample(50, 4)), 1e-5);
    }

    @Test
    void expertsMayHaveNoBiases() {
        Tensor64 queue = sample(1, 3, 4);
        Tensor64 offsets = new Tensor64(new int[] {3}, new double[] {0, 1, 3});
        Tensor64 fc1 = sample(2, 2, 3, 4);
        Tensor64 fc2 = sample(3, 2, 4, 3);
        Experts op = new Experts(Activation.RELU);
        assertEquals(
                run(op, queue, offsets, fc1, Tensor64.zeros(2, 3), fc2, Tensor64.zeros(2, 4)),
                run(op, queue, offsets, fc1, fc2));
    }
}
