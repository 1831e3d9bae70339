package tilewright.model.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.model.graph.RouterSettings.Capacity;
import tilewright.model.graph.RouterSettings.GroupScore;
import tilewright.model.graph.RouterSettings.Normalise;
import tilewright.model.graph.RouterSettings.Selection;
import tilewright.model.graph.RouterSettings.Weighting;

/** The shape rules of language model operators: what they make, and what they refuse. */
class LanguageOperatorRefusalTest {
    private static final Type IDS = Type.i32(Dim.BATCH, Dim.TOKENS);
    private static final AttentionSettings ATTENTION = AttentionSettings.causal(4, 2, 3, 2, 0.5);
    private static final RopeFrequencies PAIR = new RopeFrequencies.Fixed(List.of(1.0), 1);
    private static final RouterSettings GIVEN = RouterSettings.given(8, 2, Normalise.SIGMOID, true);
    private static final Type QUEUE = Type.f32(Dim.ROUTED, Dim.of(4));
    private static final Type SLOTS = Type.i32(Dim.ROUTED);

    private static Type tokens(long width) {
        return Type.f32(Dim.BATCH, Dim.TOKENS, Dim.of(width));
    }

    private static Type source(long width) {
        return Type.f32(Dim.BATCH, Dim.SOURCE, Dim.of(width));
    }

    private static Type routes(long topK) {
        return Type.i32(Dim.BATCH, Dim.TOKENS, Dim.of(topK));
    }

    private static Rope rope(int heads, int width, int start, int rotary) {
        return new Rope(new RopeSettings(heads, width, start, rotary, RopeSettings.Pairing.HALVES, PAIR));
    }

    private static Arguments refused(String message, Op op, Type... inputs) {
        return Arguments.of(message, op, List.of(inputs));
    }

    static Stream<Arguments> rows() {
        return Stream.of(
                refused(
                        "operand 0 (ids) has shape [batch, tokens, 4], expected i32[batch, tokens]",
                        new Embed(),
                        tokens(4),
                        Type.f32(9, 4)),
                refused(
                        "operand 1 (table) has shape [9], expected [vocabulary, hidden]",
                        new Embed(),
                        IDS,
                        Type.f32(9)),
                refused(
                        "operand 1 (table) has shape [9, 5], expected [positions, 4]",
                        new PositionEmbed(0),
                        tokens(4),
                        Type.f32(9, 5)),
                refused(
                        "operand 1 (table) has shape [2, 4], expected more rows than offset 2",
                        new PositionEmbed(2),
                        tokens(4),
                        Type.f32(2, 4)),
                refused("has offset -1, expected at least 0", new PositionEmbed(-1), tokens(4), Type.f32(2, 4)),
                refused("has epsilon -1.0, expected a number of at least 0", new RmsNorm(-1), tokens(4)),
                refused(
                        "operand 0 (x) has shape [batch, tokens, 4], expected a last dimension divisible by 3 groups",
                        new RmsNorm(0, 3),
                        tokens(4)),
                refused(
                        "operand 1 (weight) has shape [3], expected [4] or [2]",
                        new RmsNorm(0, 2),
                        tokens(4),
                        Type.f32(3)),
                refused("operand 1 (weight) has shape [3], expected [4]", new RmsNorm(0), tokens(4), Type.f32(3)),
                refused(
                        "operand 2 (beta) has shape [3], expected [4] or [2]",
                        new LayerNorm(1, 2),
                        tokens(4),
                        Type.f32(4),
                        Type.f32(3)),
                refused(
                        "operand 1 (y) has shape [3], expected [batch, tokens, 4], or one of its last dimension's divisors, with or without leading dimensions",
                        new Multiply(),
                        tokens(4),
                        Type.f32(3)),
                refused(
                        "operand 1 (y) has shape [batch, source, 4], expected [batch, tokens, 4], or one of its last dimension's divisors, with or without leading dimensions",
                        new Multiply(),
                        tokens(4),
                        source(4)),
                refused("operand 1 (y) has shape [3], expected [4]", new Add(), tokens(4), Type.f32(3)),
                refused(
                        "operand 1 (up) has shape [batch, tokens, 5], expected [batch, tokens, 4]",
                        new GatedUnit(Activation.SILU),
                        tokens(4),
                        tokens(5)),
                refused(
                        "has limit 0.0, expected a number above 0, infinite for none",
                        new GatedUnit(Activation.SILU, 0, 0),
                        tokens(4),
                        tokens(4)),
                refused("has range 2.0 to 1.0, expected low not above high", new Clamp(2, 1), tokens(4)),
                refused(
                        "operand 0 (x) has shape [batch, tokens, 4], expected a last dimension of 6: 2 heads of [1, 2]",
                        new SplitHeads(2, List.of(1, 2)),
                        tokens(4)),
                refused("has no widths, expected at least one", new SplitHeads(2, List.of()), tokens(4)),
                refused("has width 0, expected at least 1", new JoinHeads(1, List.of(4, 0)), tokens(4), tokens(4)),
                refused(
                        "operand 1 (part) has shape [batch, tokens, 5], expected [batch, tokens, 4]",
                        new JoinHeads(2, List.of(1, 2)),
                        tokens(2),
                        tokens(5)));
    }

    static Stream<Arguments> sequences() {
        AttentionSettings biased = ATTENTION.withRelativeBias(new RelativeBias(8, 20, true));
        return Stream.of(
                refused(
                        "operand 0 (x) has shape [batch, tokens, 4], expected [batch, tokens, 6]",
                        rope(3, 2, 0, 2),
                        tokens(4)),
                refused(
                        "has rotary 2 from column 1, expected an even number within the head's 2 columns",
                        rope(2, 2, 1, 2),
                        tokens(4)),
                refused("has 1 frequencies, expected 2, one per pair of 4 columns", rope(1, 4, 0, 4), tokens(4)),
                refused("has floor 0.0, expected a number above 0", new PositionScale(1, 0), tokens(4)),
                refused(
                        "operand 2 (v) has shape [batch, source, 4], expected [batch, tokens, 4]",
                        new MaskedAttention(ATTENTION),
                        tokens(12),
                        tokens(6),
                        source(4)),
                refused(
                        "operand 0 (q) has shape [batch, tokens, 11], expected [batch, tokens, 12]",
                        new MaskedAttention(ATTENTION),
                        tokens(11),
                        tokens(6),
                        tokens(4)),
                refused(
                        "has 3 operands, expected 4: q, k, v, sinks",
                        new MaskedAttention(ATTENTION.withSinks()),
                        tokens(12),
                        tokens(6),
                        tokens(4)),
                refused(
                        "operand 3 (relative_bias) has shape [4, 4], expected [8, 4]",
                        new MaskedAttention(biased),
                        tokens(12),
                        tokens(6),
                        tokens(4),
                        Type.f32(4, 4)),
                refused(
                        "has 3 slopes, expected one for each of 4 heads",
                        new MaskedAttention(ATTENTION.withSlopes(List.of(1.0, 1.0, 1.0))),
                        tokens(12),
                        tokens(6),
                        tokens(4)),
                refused(
                        "has 4 heads, expected a multiple of the 3 key and value heads",
                        new MaskedAttention(AttentionSettings.full(4, 3, 3, 2, 1)),
                        tokens(12),
                        tokens(9),
                        tokens(6)),
                refused(
                        "has softcap -1.0, expected a number above 0, or 0 for none",
                        new MaskedAttention(ATTENTION.withSoftcap(-1)),
                        tokens(12),
                        tokens(6),
                        tokens(4)),
                refused(
                        "has 2 relative buckets to distance 9, expected at least 4 and a distance above 0",
                        new MaskedAttention(ATTENTION.withRelativeBias(new RelativeBias(2, 9, true))),
                        tokens(12),
                        tokens(6),
                        tokens(4),
                        Type.f32(2, 4)),
                refused(
                        "operand 1 (weight) has shape [5, 3], expected [4, taps]",
                        new CausalConv(),
                        tokens(4),
                        Type.f32(5, 3)),
                refused(
                        "operand 3 (b) has shape [batch, tokens, 3], expected [batch, tokens, 2]",
                        new SelectiveScan(),
                        tokens(4),
                        tokens(4),
                        Type.f32(4, 2),
                        tokens(3),
                        tokens(2),
                        Type.f32(4)),
                refused(
                        "has 4 operands, expected 5: q, k, v, decay, beta",
                        new LinearRecurrence(4, 2, 3, 2, true),
                        tokens(6),
                        tokens(6),
                        tokens(8),
                        Type.f32(4)),
                refused(
                        "operand 3 (decay) has shape [3], expected [4]",
                        new LinearRecurrence(4, 2, 3, 2, false),
                        tokens(6),
                        tokens(6),
                        tokens(8),
                        Type.f32(3)),
                refused(
                        "operand 5 (after) has shape [2, 3], expected [2, 4]",
                        new LightningAttention(2, 3, 2, 4),
                        tokens(6),
                        tokens(6),
                        tokens(4),
                        Type.f32(2, 4),
                        Type.f32(2, 4),
                        Type.f32(2, 3),
                        Type.f32(2)),
                refused(
                        "has 4 heads, expected a multiple of the 3 key heads",
                        new LinearRecurrence(4, 3, 3, 2, false),
                        tokens(9),
                        tokens(9),
                        tokens(8),
                        Type.f32(4)));
    }

    static Stream<Arguments> mixtures() {
        GatedExperts gated = new GatedExperts(new GatedUnit(Activation.SILU), 1);
        Type in = Type.f32(3, 2, 4);
        Type out = Type.f32(3, 4, 2);
        return Stream.of(
                refused(
                        "operand 0 (x) has shape [batch, tokens, 4], expected [batch, tokens, 8]",
                        new Router(GIVEN),
                        tokens(4)),
                refused(
                        "has 1 operand, expected 2: x, selection_bias",
                        new Router(GIVEN.with(new Selection(true, 1, 1, GroupScore.MAX, 0))),
                        tokens(8)),
                refused(
                        "operand 1 (gate_bias) has shape [7], expected [8]",
                        new Router(GIVEN.withGateBias()),
                        tokens(8),
                        Type.f32(7)),
                refused(
                        "has 8 experts, expected a multiple of 3 groups",
                        new Router(GIVEN.with(new Selection(false, 3, 1, GroupScore.MAX, 0))),
                        tokens(8)),
                refused(
                        "has kept_groups 1, expected 1 to 8 groups with at least 2 experts together",
                        new Router(GIVEN.with(new Selection(false, 8, 1, GroupScore.MAX, 0))),
                        tokens(8)),
                refused(
                        "has norm 0.0, epsilon 0.0 and minimum 0.0, expected a norm above 0 and the others at least 0",
                        new Router(GIVEN.with(new Weighting(0, 0, 0, 1))),
                        tokens(8)),
                refused(
                        "has capacity -1, expected at least 0",
                        new Router(GIVEN.with(new Capacity(-1, 0, false))),
                        tokens(8)),
                refused(
                        "operand 0 (x) has shape [batch, tokens, 5], expected a last dimension divisible by 2 groups",
                        new Dispatch(3, true),
                        tokens(5),
                        routes(2)),
                refused(
                        "operand 2 (weights) has shape i32[batch, tokens, 2], expected [batch, tokens, 2]",
                        new Combine(2),
                        QUEUE,
                        SLOTS,
                        routes(2)),
                refused(
                        "operand 2 (ids) has shape [batch, tokens, 2], expected i32[batch, tokens, 2]",
                        new Combine(2, false),
                        QUEUE,
                        SLOTS,
                        tokens(2)),
                refused(
                        "operand 2 (ids) has shape i32[batch, tokens, 3], expected i32[batch, tokens, 2]",
                        new Collect(2),
                        QUEUE,
                        SLOTS,
                        routes(3)),
                refused(
                        "operand 2 (weights) has shape [batch, tokens, 3], expected [batch, tokens, 2]",
                        new ScaleQueue(2),
                        QUEUE,
                        SLOTS,
                        tokens(3)),
                refused(
                        "operand 1 (offsets) has shape i32[3], expected i32[4]",
                        new ExpertLinear(),
                        QUEUE,
                        Type.i32(Dim.of(3)),
                        in),
                refused(
                        "operand 1 (offsets) has shape i32[4], expected i32[5]",
                        gated,
                        QUEUE,
                        Type.i32(Dim.of(4)),
                        in,
                        in,
                        out),
                refused(
                        "operand 4 (down) has shape [3, 2, 4], expected [3, 4, 2]",
                        gated,
                        QUEUE,
                        Type.i32(Dim.of(5)),
                        in,
                        in,
                        in),
                refused(
                        "has 1 of 3 biases, expected all or none",
                        gated,
                        QUEUE,
                        Type.i32(Dim.of(5)),
                        in,
                        in,
                        out,
                        Type.f32(3, 2)),
                refused(
                        "operand 3 (fc2) has shape [3, 2, 4], expected [3, 4, 2]",
                        new Experts(Activation.RELU),
                        QUEUE,
                        Type.i32(Dim.of(4)),
                        in,
                        in));
    }

    @ParameterizedTest
    @MethodSource({"rows", "sequences", "mixtures"})
    void whatBreaksAShapeRuleIsRefusedWithOnePreciseLine(String message, Op op, List<Type> inputs) {
        InvalidGraphException error = assertThrows(InvalidGraphException.class, () -> op.infer(inputs));
        assertEquals(message, error.getMessage());
    }

    static Stream<Arguments> shapes() {
        Type offsets = Type.i32(Dim.of(4));
        Type in = Type.f32(3, 2, 4);
        return Stream.of(
                Arguments.of("[batch, tokens, 4]", new Embed(), List.of(IDS, Type.f32(9, 4))),
                Arguments.of(
                        "[batch, tokens, 8]",
                        new MaskedAttention(ATTENTION),
                        List.of(tokens(12), source(6), source(4))),
                Arguments.of(
                        "[batch, tokens, 2], [batch, tokens, 4]", new SplitHeads(2, List.of(1, 2)), List.of(tokens(6))),
                Arguments.of("[batch, tokens, 6]", new JoinHeads(2, List.of(1, 2)), List.of(tokens(2), tokens(2))),
                Arguments.of(
                        "[batch, tokens, 8]",
                        new LinearRecurrence(4, 2, 3, 2, false),
                        List.of(tokens(6), tokens(6), tokens(8), Type.f32(4))),
                Arguments.of("i32[batch, tokens, 2], [batch, tokens, 2]", new Router(GIVEN), List.of(tokens(8))),
                Arguments.of("[routed, 2]", new ExpertLinear(), List.of(QUEUE, offsets, in)),
                Arguments.of("[routed, 2], i32[4], i32[routed]", new Dispatch(3, true), List.of(tokens(4), routes(2))),
                Arguments.of("[batch, tokens, 8]", new Collect(2), List.of(QUEUE, SLOTS, routes(2))));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void outputsHaveTheShapesOfTheRule(String expected, Op op, List<Type> inputs) {
        String found =
                String.join(", ", op.infer(inputs).stream().map(Type::toString).toList());
        assertEquals(expected, found);
    }

    @Test
    void settingsAreInTheTextForm() {
        assertEquals(
                "experts=8, top_k=2, score=given, normalise=sigmoid, select=top_k, renormalise=true, gate_bias=true,"
                        + " selection_bias=true, groups=4, kept_groups=2, group_score=top2_sum, jitter=0.0, norm=1.0,"
                        + " epsilon=1.0E-20, minimum=0.0, scale=2.5, capacity=9, capacity_fraction=0.0,"
                        + " capacity_before_weighting=true",
                new Router(GIVEN.withGateBias()
                                .with(new Selection(true, 4, 2, GroupScore.TOP2_SUM, 0))
                                .with(new Weighting(1, 1e-20, 0, 2.5))
                                .with(new Capacity(9, 0, true)))
                        .attributes());
        assertEquals(
                "heads=4, key_value_heads=2, key_width=3, value_width=2, scale=0.5, causal=true, window=8, softcap=50.0",
                new MaskedAttention(ATTENTION.withWindow(8).withSoftcap(50)).attributes());
        assertEquals(
                "heads=2, width=2, start=0, rotary=2, pairing=halves, frequencies=[1.0]",
                rope(2, 2, 0, 2).attributes());
        assertEquals("epsilon=1.0E-6", new LayerNorm(1e-6).attributes());
    }
}
