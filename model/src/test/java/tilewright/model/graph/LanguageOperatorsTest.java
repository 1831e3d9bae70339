package tilewright.model.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static tilewright.model.graph.OperatorValues.assertCase;
import static tilewright.model.graph.OperatorValues.of;
import static tilewright.model.graph.OperatorValues.sample;
import static tilewright.model.graph.OperatorValues.times;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import tilewright.model.graph.RopeSettings.Pairing;

/** The operators of language models against PyTorch and transformers, or against values computed by hand. */
class LanguageOperatorsTest {
    /** Where the other side computes in float64. */
    private static final double EXACT = 1e-13;
    /** Where the other side computes in float32 inside. */
    private static final double SINGLE = 1e-5;

    private static final AttentionSettings ATTENTION = AttentionSettings.causal(4, 2, 3, 2, 0.5);
    private static final Tensor64 Q = sample(9, 1, 5, 12);
    private static final Tensor64 K = sample(10, 1, 5, 6);
    private static final Tensor64 V = sample(11, 1, 5, 4);

    private static Tensor64 run(Op op, Tensor64... inputs) {
        return op.evaluate(List.of(inputs)).getFirst();
    }

    private static Tensor64 tensor(int[] dims, double... data) {
        return new Tensor64(dims, data);
    }

    private static int[] dims(int... dims) {
        return dims;
    }

    @Test
    void embedReadsOneRowPerToken() {
        Tensor64 table = tensor(dims(3, 2), 1, 2, 3, 4, 5, 6);
        Tensor64 ids = tensor(dims(1, 3), 2, 0, 2);
        assertEquals(tensor(dims(1, 3, 2), 5, 6, 1, 2, 5, 6), run(new Embed(), ids, table));
    }

    @Test
    void anIdBeyondTheTableIsRefused() {
        for (double id : new double[] {3, -1}) {
            Tensor64 ids = tensor(dims(1, 2), 0, id);
            InvalidGraphException error =
                    assertThrows(InvalidGraphException.class, () -> run(new Embed(), ids, sample(1, 3, 2)));
            assertEquals("has id " + (long) id + " at token 1, expected 0 to 2", error.getMessage());
        }
    }

    @Test
    void positionEmbedAddsTheRowOfEachPosition() {
        Tensor64 x = tensor(dims(2, 2, 1), 1, 2, 3, 4);
        Tensor64 table = tensor(dims(4, 1), 1000, 10, 20, 30);
        assertEquals(tensor(dims(2, 2, 1), 11, 22, 13, 24), run(new PositionEmbed(1), x, table));
        InvalidGraphException error =
                assertThrows(InvalidGraphException.class, () -> run(new PositionEmbed(3), x, table));
        assertEquals("has a sequence of 2 tokens, expected at most 1 as its table has rows", error.getMessage());
    }

    @Test
    void normsWorkOnGroups() {
        Tensor64 grouped = run(new LayerNorm(1e-5, 2), sample(1, 1, 2, 6), sample(2, 6), sample(3, 6));
        assertCase("layer_norm_groups", grouped, EXACT);
        assertCase("rms_norm", run(new RmsNorm(1e-5), sample(4, 1, 2, 6), sample(5, 6)), SINGLE);
        assertCase("rms_norm_heads", run(new RmsNorm(1e-6, 2), sample(6, 1, 2, 6), sample(7, 3)), EXACT);
    }

    @Test
    void normsWithoutWeightsOnlyNormalise() {
        Tensor64 x = tensor(dims(1, 2), 3, 4);
        assertArrayEquals(
                new double[] {3 / Math.sqrt(12.5), 4 / Math.sqrt(12.5)},
                run(new RmsNorm(0), x).data(),
                EXACT);
        double inverse = 1 / Math.sqrt(0.25 + 1e-3);
        assertArrayEquals(
                new double[] {-0.5 * inverse, 0.5 * inverse},
                run(new LayerNorm(1e-3), x).data(),
                EXACT);
    }

    @Test
    void multiplyRepeatsAnElementOverItsColumnGroup() {
        Tensor64 x = tensor(dims(1, 2, 4), 1, 2, 3, 4, 5, 6, 7, 8);
        assertEquals(
                tensor(dims(1, 2, 4), 10, 20, 300, 400, 50, 60, 700, 800),
                run(new Multiply(), x, tensor(dims(2), 10, 100)));
        assertEquals(
                tensor(dims(1, 2, 4), 10, 20, 30, 40, 500, 600, 700, 800),
                run(new Multiply(), x, tensor(dims(1, 2, 1), 10, 100)));
        assertEquals(tensor(dims(1, 2, 4), 1, 4, 9, 16, 25, 36, 49, 64), run(new Multiply(), x, x));
    }

    @Test
    void addRepeatsARowOverAllTokens() {
        Tensor64 x = tensor(dims(1, 2, 2), 1, 2, 3, 4);
        assertEquals(tensor(dims(1, 2, 2), 11, 22, 13, 24), run(new Add(), x, tensor(dims(2), 10, 20)));
    }

    @Test
    void gatedUnitAndClampLimit() {
        Tensor64 gate = tensor(dims(1, 3), -9, 1, 9);
        Tensor64 up = tensor(dims(1, 3), -9, 2, 9);
        GatedUnit plain = new GatedUnit(Activation.RELU);
        GatedUnit limited = new GatedUnit(Activation.RELU, 4, 1);
        assertArrayEquals(new double[] {0, 2, 81}, run(plain, gate, up).data(), 0);
        assertArrayEquals(new double[] {0, 3, 20}, run(limited, gate, up).data(), 0);
        // 4 times (-4 + 1): the other factor is limited on both sides.
        assertArrayEquals(
                new double[] {0, 3, -12},
                run(limited, gate, tensor(dims(1, 3), 9, 2, -9)).data(),
                0);
        assertEquals(tensor(dims(1, 3), -4, 1, 4), run(new Clamp(4), gate));
        assertEquals(tensor(dims(1, 3), 0, 1, 9), run(new Clamp(0, Double.POSITIVE_INFINITY), gate));
    }

    @Test
    void headsAreSplitAndJoined() {
        // Two heads of widths 1 and 2.
        Tensor64 x = tensor(dims(1, 1, 6), 1, 2, 3, 4, 5, 6);
        List<Tensor64> parts = new SplitHeads(2, List.of(1, 2)).evaluate(List.of(x));
        assertEquals(List.of(tensor(dims(1, 1, 2), 1, 4), tensor(dims(1, 1, 4), 2, 3, 5, 6)), parts);
        JoinHeads join = new JoinHeads(2, List.of(1, 2));
        assertEquals(x, join.evaluate(parts).getFirst());
        Tensor64 shared = tensor(dims(1, 1, 2), 8, 9);
        assertEquals(tensor(dims(1, 1, 6), 1, 8, 9, 4, 8, 9), run(join, parts.getFirst(), shared));
        Tensor64 two = tensor(dims(2, 1), 1, 2);
        assertEquals(tensor(dims(2, 2), 1, 1, 2, 2), run(new JoinHeads(1, List.of(1, 1)), two, two));
    }

    @Test
    void ropeTurnsPairsByPositionTimesFrequency() {
        Tensor64 x = sample(8, 2, 3, 8);
        RopeFrequencies four = RopeFrequencies.Fixed.of(100, 4);
        assertCase("rope_halves", run(new Rope(RopeSettings.wholeHeads(2, 4, Pairing.HALVES, four)), x), EXACT);
        assertCase("rope_adjacent", run(new Rope(RopeSettings.wholeHeads(2, 4, Pairing.ADJACENT, four)), x), EXACT);
        RopeFrequencies louder = new RopeFrequencies.Fixed(List.of(1.0), 1.25);
        RopeSettings partial = new RopeSettings(2, 4, 0, 2, Pairing.HALVES, louder);
        assertCase("rope_partial", run(new Rope(partial), x), EXACT);
    }

    @Test
    void ropeCanBeginBehindOtherColumns() {
        RopeFrequencies turn = new RopeFrequencies.Fixed(List.of(Math.PI / 2), 1);
        Tensor64 x = tensor(dims(1, 2, 3), 9, 1, 2, 9, 1, 2);
        double[] out = run(new Rope(new RopeSettings(1, 3, 1, 2, Pairing.ADJACENT, turn)), x)
                .data();
        assertArrayEquals(new double[] {9, 1, 2, 9, -2, 1}, out, EXACT);
    }

    @Test
    void frequenciesDependOnTheLengthWhereTheScalingSaysSo() {
        RopeFrequencies dynamic = new RopeFrequencies.Dynamic(100, 4, 2, 4);
        List<Double> found = new ArrayList<>();
        for (int length : new int[] {3, 4, 6}) {
            found.addAll(dynamic.at(length).inverse());
        }
        double[] values = found.stream().mapToDouble(Double::doubleValue).toArray();
        assertArrayEquals(of("dynamic_frequencies").data(), values, 1e-7);
        RopeFrequencies.Fixed near = new RopeFrequencies.Fixed(List.of(1.0), 1);
        RopeFrequencies.Fixed far = new RopeFrequencies.Fixed(List.of(0.5), 2);
        RopeFrequencies both = new RopeFrequencies.ByLength(near, far, 4);
        assertEquals(near, both.at(4));
        assertEquals(far, both.at(5));
    }

    @Test
    void positionScaleGrowsByTheLogarithm() {
        assertCase("position_scale", run(new PositionScale(0.1, 2), sample(15, 1, 4, 2)), EXACT);
    }

    @Test
    void positionScaleMayCountFromZero() {
        PositionScale scale = new PositionScale(0.1, 2, 0);
        assertEquals(1, scale.factor(1));
        assertEquals(1 + 0.1 * Math.log(2), scale.factor(2), 1e-15);
        assertEquals(1 + 0.1 * Math.log(2), scale.factor(3), 1e-15);
        assertEquals(1 + 0.1 * Math.log(3), scale.factor(4), 1e-15);
    }

    @Test
    void attentionMasksWhatTheSettingsHide() {
        assertCase("attention_causal", run(new MaskedAttention(ATTENTION), Q, K, V), SINGLE);
        assertCase("attention_window", run(new MaskedAttention(ATTENTION.withWindow(2)), Q, K, V), SINGLE);
        assertCase("attention_chunk", run(new MaskedAttention(ATTENTION.withChunk(2)), Q, K, V), SINGLE);
    }

    @Test
    void attentionCapsBiasesAndSinks() {
        assertCase("attention_softcap", run(new MaskedAttention(ATTENTION.withSoftcap(1.5)), Q, K, V), SINGLE);
        assertCase("attention_sinks", run(new MaskedAttention(ATTENTION.withSinks()), Q, K, V, sample(12, 4)), SINGLE);
        List<Double> slopes = DoubleStream.of(of("alibi_slopes").data()).boxed().toList();
        assertCase("attention_alibi", run(new MaskedAttention(ATTENTION.withSlopes(slopes)), Q, K, V), EXACT);
    }

    @Test
    void crossAttentionSeesTheWholeSource() {
        MaskedAttention cross = new MaskedAttention(AttentionSettings.full(4, 2, 3, 2, 0.5));
        assertCase("attention_cross", run(cross, sample(13, 1, 3, 12), K, V), SINGLE);
    }

    @Test
    void attentionAddsRelativeBiases() {
        AttentionSettings causal =
                AttentionSettings.causal(4, 2, 3, 2, 1).withRelativeBias(new RelativeBias(4, 6, false));
        AttentionSettings full = AttentionSettings.full(4, 2, 3, 2, 1).withRelativeBias(new RelativeBias(8, 6, true));
        assertCase("attention_relative_causal", run(new MaskedAttention(causal), Q, K, V, sample(14, 4, 4)), EXACT);
        assertCase("attention_relative_both", run(new MaskedAttention(full), Q, K, V, sample(14, 8, 4)), EXACT);
    }

    @Test
    void relativeBucketsAreThoseOfTheModelsForEveryDistance() {
        for (boolean both : new boolean[] {false, true}) {
            RelativeBias bias = new RelativeBias(32, 128, both);
            double[] expected = of(both ? "relative_buckets_both" : "relative_buckets_causal")
                    .data();
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], bias.bucket(300, i), "distance " + (i - 300));
            }
        }
    }

    @Test
    void visibleKeysOfAnEncoderLieOnBothSides() {
        AttentionSettings full = AttentionSettings.full(1, 1, 1, 1, 1);
        assertEquals(9, full.lastVisible(3, 10));
        assertEquals(2, full.withWindow(2).firstVisible(3));
        assertEquals(4, full.withWindow(2).lastVisible(3, 10));
        assertEquals(5, full.withChunk(3).lastVisible(3, 10));
        assertEquals(3, full.withChunk(3).firstVisible(5));
    }

    @Test
    void causalConvLooksBackOnly() {
        Tensor64 x = sample(16, 2, 4, 3);
        assertCase("causal_conv", run(new CausalConv(), x, sample(17, 3, 3), sample(18, 3)), EXACT);
        Tensor64 first = Tensor64.zeros(2, 1, 3);
        System.arraycopy(x.data(), 0, first.data(), 0, 3);
        System.arraycopy(x.data(), 12, first.data(), 3, 3);
        assertCase("causal_conv_short", run(new CausalConv(), first, sample(17, 3, 3)), EXACT);
    }

    @Test
    void selectiveScanIsThatOfMamba() {
        Tensor64 dt = run(new Activate(Activation.SOFTPLUS), sample(19, 2, 4, 3));
        assertCase(
                "selective_scan",
                run(
                        new SelectiveScan(),
                        sample(16, 2, 4, 3),
                        dt,
                        decay(20, 3, 2),
                        sample(21, 2, 4, 2),
                        sample(22, 2, 4, 2),
                        sample(23, 3)),
                SINGLE);
    }

    private static Tensor64 decay(int seed, int... dims) {
        Tensor64 logs = sample(seed, dims);
        return tensor(
                dims, DoubleStream.of(logs.data()).map(v -> -Math.exp(v / 2)).toArray());
    }

    @Test
    void theRecurrenceIsMamba2WithStepsInDecayAndValue() {
        Tensor64 dt = run(new Activate(Activation.SOFTPLUS), sample(25, 2, 5, 4));
        Tensor64 g = run(new Multiply(), dt, decay(26, 4));
        Tensor64 v = run(new Multiply(), sample(24, 2, 5, 8), dt);
        LinearRecurrence op = new LinearRecurrence(4, 2, 3, 2, false);
        assertCase("recurrence_mamba2", run(op, sample(28, 2, 5, 6), sample(27, 2, 5, 6), v, g), SINGLE);
    }

    @Test
    void theRecurrenceIsTheGatedDeltaRule() {
        Tensor64 q = times(sample(29, 2, 4, 6), 0.25 / Math.sqrt(3));
        Tensor64 k = times(sample(30, 2, 4, 6), 0.25);
        Tensor64 g = times(run(new Activate(Activation.SOFTPLUS), sample(32, 2, 4, 4)), -1);
        Tensor64 beta = run(new Activate(Activation.SIGMOID), sample(33, 2, 4, 4));
        LinearRecurrence op = new LinearRecurrence(4, 2, 3, 2, true);
        assertCase("recurrence_delta", run(op, q, k, sample(31, 2, 4, 8), g, beta), SINGLE);
    }

    @Test
    void lightningAttentionWithPowersOfADecayIsTheRecurrence() {
        Tensor64 q = sample(41, 2, 11, 6);
        Tensor64 k = sample(42, 2, 11, 6);
        Tensor64 v = sample(43, 2, 11, 4);
        double[] log = {-0.3, -0.05};
        int block = 4;
        double[][] tables = new double[4][2 * block];
        tables[3] = new double[2];
        for (int h = 0; h < 2; h++) {
            for (int i = 0; i < block; i++) {
                tables[0][h * block + i] = Math.exp(i * log[h]);
                tables[1][h * block + i] = Math.exp((i + 1) * log[h]);
                tables[2][h * block + i] = Math.exp((block - 1 - i) * log[h]);
            }
            tables[3][h] = Math.exp(block * log[h]);
        }
        int[] dims = {2, block};
        Tensor64 found = run(
                new LightningAttention(2, 3, 2, block),
                q,
                k,
                v,
                new Tensor64(dims, tables[0]),
                new Tensor64(dims, tables[1]),
                new Tensor64(dims, tables[2]),
                new Tensor64(new int[] {2}, tables[3]));
        Tensor64 expected = run(new LinearRecurrence(2, 2, 3, 2, false), q, k, v, new Tensor64(new int[] {2}, log));
        assertArrayEquals(expected.data(), found.data(), 1e-12);
    }

    @Test
    void theRecurrenceIsLightningAttentionWithAConstantDecay() {
        Tensor64 x = run(new Activate(Activation.SILU), sample(34, 1, 5, 8));
        Tensor64 fused = run(new JoinHeads(1, List.of(8, 8, 8)), x, x, x);
        List<Tensor64> parts = new SplitHeads(2, List.of(4, 4, 4)).evaluate(List.of(fused));
        LinearRecurrence op = new LinearRecurrence(2, 2, 4, 4, false);
        Tensor64 decay = times(of("lightning_decay"), -1);
        assertCase("recurrence_lightning", run(op, parts.get(0), parts.get(1), parts.get(2), decay), SINGLE);
    }
}
