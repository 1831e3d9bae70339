package tilewright.model.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.model.graph.RouterSettings.Normalise;
import tilewright.model.graph.RouterSettings.Score;
import tilewright.model.graph.RouterSettings.Select;

/** Every operator against values computed by hand or, where functions are involved, by a Python program of its own. */
class OperatorMeaningTest {
    private static Tensor64 tensor(int[] dims, double... data) {
        return new Tensor64(dims, data);
    }

    private static int[] dims(int... dims) {
        return dims;
    }

    private static void assertResult(Tensor64 found, int[] dims, double... expected) {
        assertArrayEquals(dims, found.dims());
        assertArrayEquals(expected, found.data(), 1e-14, Arrays.toString(found.data()));
    }

    @Test
    void normalizeScalesAndShiftsEachChannel() {
        Normalize op = new Normalize(new float[] {2, 0.5f}, new float[] {-1, 3});
        Tensor64 image = tensor(dims(2, 2, 1, 2), 1, 2, 3, 4, 5, 6, 7, 8);
        assertResult(op.evaluate(List.of(image)).getFirst(), dims(2, 2, 1, 2), 1, 3, 4.5, 5, 9, 11, 6.5, 7);
    }

    @Test
    void patchEmbedReadsPatchesRowMajorWithChannelsOutermost() {
        // Two channels of 2 x 4 pixels, patches of 2 x 2; the weight picks one pixel of each channel.
        Tensor64 image = tensor(dims(1, 2, 2, 4), 0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17);
        Tensor64 weight = tensor(dims(1, 2, 2, 2), 0, 1, 0, 0, 0, 0, 100, 0);
        Tensor64 bias = tensor(dims(1), 0.5);
        PatchEmbed op = new PatchEmbed(2);
        assertResult(op.evaluate(List.of(image, weight, bias)).getFirst(), dims(1, 2, 1), 1401.5, 1603.5);
        assertResult(op.evaluate(List.of(image, weight)).getFirst(), dims(1, 2, 1), 1401, 1603);
    }

    @Test
    void concatRepeatsParametersForEveryImage() {
        Tensor64 cls = tensor(dims(1, 2), 8, 9);
        Tensor64 tokens = tensor(dims(2, 1, 2), 1, 2, 3, 4);
        assertResult(new Concat().evaluate(List.of(cls, tokens)).getFirst(), dims(2, 2, 2), 8, 9, 1, 2, 8, 9, 3, 4);
        assertResult(new Concat().evaluate(List.of(tokens, cls)).getFirst(), dims(2, 2, 2), 1, 2, 8, 9, 3, 4, 8, 9);
    }

    @Test
    void addRepeatsAParameterOfOneDimensionLess() {
        Tensor64 x = tensor(dims(2, 1, 2), 1, 2, 3, 4);
        assertResult(
                new Add().evaluate(List.of(x, tensor(dims(1, 2), 10, 20))).getFirst(), dims(2, 1, 2), 11, 22, 13, 24);
        assertResult(new Add().evaluate(List.of(x, x)).getFirst(), dims(2, 1, 2), 2, 4, 6, 8);
    }

    @Test
    void scaleMultiplies() {
        assertResult(new Scale(0.5).evaluate(List.of(tensor(dims(2), 3, -4))).getFirst(), dims(2), 1.5, -2);
    }

    @Test
    void layerNormDividesTheVarianceByTheWidth() {
        Tensor64 x = tensor(dims(1, 3), 1, 2, 4);
        Tensor64 gamma = tensor(dims(3), 1, 2, 3);
        Tensor64 beta = tensor(dims(3), 0.5, 0, -1);
        assertResult(
                new LayerNorm(1e-2).evaluate(List.of(x, gamma, beta)).getFirst(),
                dims(1, 3),
                -0.5656252308941638,
                -0.5328126154470821,
                2.9960946158531137);
    }

    @Test
    void linearMultipliesByTheTransposedWeight() {
        Tensor64 x = tensor(dims(2, 1, 2), 1, 2, -1, 3);
        // Five outputs: four are computed together, one is left over.
        Tensor64 weight = tensor(dims(5, 2), 1, 0, 0, 1, 1, 1, 2, -1, 10, 100);
        Tensor64 bias = tensor(dims(5), 0, 0, 0, 0, 0.5);
        assertResult(
                new Linear().evaluate(List.of(x, weight, bias)).getFirst(),
                dims(2, 1, 5),
                1,
                2,
                3,
                0,
                210.5,
                -1,
                3,
                2,
                -5,
                290.5);
        assertEquals(210, new Linear().evaluate(List.of(x, weight)).getFirst().data()[4]);
    }

    @ParameterizedTest
    @CsvSource({
        "GELU_ERF, -5.919525870226207e-09, -0.10021080190328713, 0.34573123063700656, 2.99595030590511",
        "GELU_TANH, -8.43964897967453e-11, -0.10042842301976707, 0.34571400982514394, 2.996362607918227",
        "QUICK_GELU, -0.00022035354978739246, -0.10833780155292343, 0.35038843660638014, 2.981928690292214",
        "SILU, -0.014835738939808647, -0.2736382857095345, 0.3112296656009273, 2.8577223804672998",
        "RELU, 0, 0, 0.5, 3",
        "TANH, -0.9999877116507956, -0.9051482536448664, 0.46211715726000974, 0.9950547536867305"
    })
    void activationsAreExact(Activation kind, double atMinus6, double atMinus1Half, double atHalf, double at3) {
        double[] found = new Activate(kind)
                .evaluate(List.of(tensor(dims(5), -6, -1.5, 0, 0.5, 3)))
                .getFirst()
                .data();
        double[] expected = {atMinus6, atMinus1Half, 0, atHalf, at3};
        for (int i = 0; i < expected.length; i++) {
            // Far below zero the tanh form loses digits to cancellation in any order of evaluation.
            assertEquals(expected[i], found[i], 1e-15 + 1e-14 * Math.abs(expected[i]), kind + " at " + i);
        }
    }

    @Test
    void splitCutsTheLastAxis() {
        List<Tensor64> parts = new Split(3).evaluate(List.of(tensor(dims(1, 2, 3), 1, 2, 3, 4, 5, 6)));
        assertResult(parts.get(0), dims(1, 2, 1), 1, 4);
        assertResult(parts.get(1), dims(1, 2, 1), 2, 5);
        assertResult(parts.get(2), dims(1, 2, 1), 3, 6);
    }

    @Test
    void attentionIsSoftmaxPerHeadOverTheKeysOfTheImage() {
        Tensor64 q = tensor(dims(1, 3, 4), 1, 0, 2, -1, 0, 1, 1, 1, 2, -1, 0, 3);
        Tensor64 k = tensor(dims(1, 3, 4), 1, 1, 0, 1, 0, 2, 1, -1, -1, 0, 2, 2);
        Tensor64 v = tensor(dims(1, 3, 4), 1, 2, 3, 4, 5, 6, 7, 8, -1, 0, 1, 2);
        double[] expected = {
            1.8561360964222984,
            2.856136096422298,
            4.599973116103309,
            5.599973116103309,
            2.6532741177709207,
            3.653274117770921,
            1.9262451436240857,
            2.9262451436240857,
            1.3085615459637725,
            2.3085615459637725,
            1.4155712422082258,
            2.415571242208226
        };
        Attention op = new Attention(2, 0.5);
        assertResult(op.evaluate(List.of(q, k, v)).getFirst(), dims(1, 3, 4), expected);
        // A second image changes nothing for the first.
        Tensor64 twice =
                op.evaluate(List.of(doubled(q), doubled(k), doubled(v))).getFirst();
        assertArrayEquals(expected, Arrays.copyOfRange(twice.data(), 12, 24), 1e-14);
    }

    private static Tensor64 doubled(Tensor64 tensor) {
        double[] data = Arrays.copyOf(tensor.data(), 2 * tensor.data().length);
        System.arraycopy(tensor.data(), 0, data, tensor.data().length, tensor.data().length);
        return new Tensor64(dims(2, tensor.dim(1), tensor.dim(2)), data);
    }

    private static List<Tensor64> route(Normalise normalise, boolean renormalise) {
        RouterSettings settings =
                new RouterSettings(4, 2, Score.LINEAR, normalise, Select.TOP_K, renormalise, List.of());
        Tensor64 x = tensor(dims(1, 2, 2), 1, 2, 2, -1);
        Tensor64 gate = tensor(dims(4, 2), 1, 0, 0, 1, 0.5, 0.5, 0, 1);
        return new Router(settings).evaluate(List.of(x, gate));
    }

    @Test
    void routersTakeTheLargestAndGiveTiesToTheLowestIndex() {
        for (Normalise normalise : Normalise.values()) {
            // Experts 1 and 3 are equal for the first token.
            assertResult(route(normalise, false).getFirst(), dims(1, 2, 2), 1, 3, 0, 2);
        }
    }

    @Test
    void routerWeightsFollowTheSettings() {
        assertResult(
                route(Normalise.SOFTMAX_BEFORE_SELECT, false).get(1),
                dims(1, 2, 2),
                0.33620111756034343,
                0.33620111756034343,
                0.7560268779315683,
                0.16869239834938823);
        assertResult(
                route(Normalise.SOFTMAX_BEFORE_SELECT, true).get(1),
                dims(1, 2, 2),
                0.5,
                0.5,
                0.8175744761936437,
                0.18242552380635635);
        assertResult(
                route(Normalise.SOFTMAX_AFTER_SELECT, false).get(1),
                dims(1, 2, 2),
                0.5,
                0.5,
                0.8175744761936438,
                0.18242552380635635);
        assertResult(
                route(Normalise.SIGMOID, true).get(1), dims(1, 2, 2), 0.5, 0.5, 0.5859260420239923, 0.4140739579760077);
    }

    @Test
    void aRouterWithAGatePerTaskAsksForSpecialisation() {
        Router router = new Router(RouterSettings.softmaxThenTopK(1, 1, List.of("a", "b")));
        Tensor64 gate = tensor(dims(1, 1), 1);
        List<Tensor64> operands = List.of(tensor(dims(1, 1, 1), 1), gate, gate);
        InvalidGraphException error = assertThrows(InvalidGraphException.class, () -> router.evaluate(operands));
        assertEquals(
                "has a gate for each of the tasks [a, b]; specialise the graph to one task first", error.getMessage());
    }

    @Test
    void dispatchGroupsTokensByExpertInTokenOrder() {
        Tensor64 x = tensor(dims(1, 3, 1), 10, 20, 30);
        Tensor64 ids = tensor(dims(1, 3, 2), 2, 0, 0, 2, 2, 3);
        List<Tensor64> out = new Dispatch(4).evaluate(List.of(x, ids));
        assertResult(out.get(0), dims(6, 1), 10, 20, 10, 20, 30, 30);
        assertResult(out.get(1), dims(5), 0, 2, 2, 5, 6);
        assertResult(out.get(2), dims(6), 1, 2, 0, 3, 4, 5);
    }

    @Test
    void expertsRunTheirOwnMlpOnTheirQueue() {
        Tensor64 queue = tensor(dims(3, 2), 1, 2, 0, 1, 3, -1);
        Tensor64 offsets = tensor(dims(3), 0, 1, 3);
        Tensor64 fc1 = tensor(dims(2, 1, 2), 1, -1, 2, 0.5);
        Tensor64 bias1 = tensor(dims(2, 1), 0.1, -0.2);
        Tensor64 fc2 = tensor(dims(2, 2, 1), 1, 2, -1, 0.5);
        Tensor64 bias2 = tensor(dims(2, 2), 0, 1, 0.5, -0.5);
        assertResult(
                new Experts(Activation.GELU_ERF)
                        .evaluate(List.of(queue, offsets, fc1, bias1, fc2, bias2))
                        .getFirst(),
                dims(3, 2),
                -0.16565411281208356,
                0.6686917743758329,
                0.31462657334331423,
                -0.4073132866716571,
                -4.799999693122896,
                2.149999846561448);
    }

    @Test
    void combineBringsQueueRowsBackToTheirTokens() {
        Tensor64 outputs = tensor(dims(4, 1), 1, 10, 100, 1000);
        Tensor64 slots = tensor(dims(4), 3, 0, 1, 2);
        Tensor64 weights = tensor(dims(1, 2, 2), 0.5, 0.25, 2, 4);
        // Token 0: 10 * 0.5 + 100 * 0.25; token 1: 1000 * 2 + 1 * 4.
        assertResult(new Combine(2).evaluate(List.of(outputs, slots, weights)).getFirst(), dims(1, 2, 1), 30, 2004);
    }

    @Test
    void selectTokensKeepsARange() {
        Tensor64 x = tensor(dims(2, 3, 1), 1, 2, 3, 4, 5, 6);
        assertResult(new SelectTokens(0, 1).evaluate(List.of(x)).getFirst(), dims(2, 1, 1), 1, 4);
        assertResult(new SelectTokens(1, -1).evaluate(List.of(x)).getFirst(), dims(2, 2, 1), 2, 3, 5, 6);
    }
}
