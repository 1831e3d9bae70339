package tilewright.model.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VerifierTest {
    private static final Type TOKENS = Type.f32(Dim.BATCH, Dim.of(3), Dim.of(4));
    private static final Type IMAGE = Type.f32(Dim.BATCH, Dim.of(1), Dim.of(8), Dim.of(8));

    private static Node node(String name, Op op, String... inputs) {
        return new Node(name, op, List.of(inputs), List.of(name));
    }

    private static Node node(String name, Op op, List<String> inputs, String... outputs) {
        return new Node(name, op, inputs, List.of(outputs));
    }

    /** A graph with inputs x, y (tokens), z (2 tokens) and image, some parameters, these nodes, and x as output. */
    private static Graph graph(Node... nodes) {
        return graph(List.of(), Map.of("out", "x"), nodes);
    }

    private static Graph graph(List<String> tasks, Map<String, String> outputs, Node... nodes) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameter(parameters, "w", 5, 4);
        parameter(parameters, "square", 4, 4);
        parameter(parameters, "v4", 4);
        parameter(parameters, "v5", 5);
        parameter(parameters, "kernel", 4, 1, 2, 2);
        parameter(parameters, "gate", 6, 4);
        parameter(parameters, "w1", 6, 2, 4);
        parameter(parameters, "b1", 6, 2);
        parameter(parameters, "w2", 6, 4, 2);
        parameter(parameters, "b2", 6, 4);
        return new Graph(
                "g",
                List.of(
                        new GraphInput("x", TOKENS),
                        new GraphInput("y", TOKENS),
                        new GraphInput("z", Type.f32(Dim.BATCH, Dim.of(2), Dim.of(4))),
                        new GraphInput("image", IMAGE)),
                parameters,
                List.of(nodes),
                outputs,
                tasks);
    }

    private static void parameter(Map<String, Parameter> parameters, String name, long... shape) {
        parameters.put(name, new Parameter(name, Type.f32(shape), () -> new float[0]));
    }

    private static Node router(int experts, int topK, List<String> tasks, String... inputs) {
        return node(
                "r",
                new Router(RouterSettings.softmaxThenTopK(experts, topK, tasks)),
                List.of(inputs),
                "ids",
                "weights");
    }

    private static final Node ROUTER = router(6, 2, List.of(), "x", "gate");
    private static final Node DISPATCH = node("d", new Dispatch(6), List.of("x", "ids"), "queue", "offsets", "slots");

    static Stream<Arguments> brokenGraphs() {
        Linear linear = new Linear();
        return Stream.of(
                Arguments.of(
                        graph(node("n", linear, "x", "w"), node("n", linear, "y", "w")), "node 'n' is there twice"),
                Arguments.of(graph(node("x", linear, "y", "w")), "value 'x' is defined twice"),
                Arguments.of(
                        graph(node("n", linear, List.of("x", "w"), "v"), node("m", linear, List.of("y", "w"), "v")),
                        "value 'v' is defined twice"),
                Arguments.of(
                        graph(node("n 1", linear, "x", "w")),
                        "value 'n 1' has a name that is empty or has white space in it"),
                Arguments.of(graph(node("n", linear, "q", "w")), "node 'n': linear operand 0 'q' is defined nowhere"),
                Arguments.of(
                        graph(node("n", new Add(), "m", "x"), node("m", new Add(), "x", "y")),
                        "node 'n': add operand 0 'm' is made later, by node 'm', expected topological order"),
                Arguments.of(
                        graph(node("n", linear, "x")),
                        "node 'n': linear has 1 operand, expected 2 to 3: x, weight, bias"),
                Arguments.of(
                        graph(node("n", new LayerNorm(1e-6), "x", "v4", "v4", "v4")),
                        "node 'n': layer_norm has 4 operands, expected 1 to 3: x, gamma, beta"),
                Arguments.of(
                        graph(node("n", linear, List.of("x", "w"), "a", "b")),
                        "node 'n': linear names 2 outputs, expected 1"),
                Arguments.of(
                        graph(node("n", linear, "x", "v4")),
                        "node 'n': linear operand 1 'v4' (weight) has shape [4], expected [out, 4]"),
                Arguments.of(
                        graph(node("n", linear, "x", "w", "v4")),
                        "node 'n': linear operand 2 'v4' (bias) has shape [4], expected [5]"),
                Arguments.of(
                        graph(node("n", new Add(), "x", "z")),
                        "node 'n': add operand 1 'z' (y) has shape [batch, 2, 4], expected [batch, 3, 4]"),
                Arguments.of(
                        graph(node("n", new LayerNorm(1e-6), "x", "v5", "v4")),
                        "node 'n': layer_norm operand 1 'v5' (gamma) has shape [5], expected [4]"),
                Arguments.of(
                        graph(node("n", new LayerNorm(0), "x", "v4", "v4")),
                        "node 'n': layer_norm has epsilon 0.0, expected a number above 0"),
                Arguments.of(
                        graph(node("n", new Scale(Double.NaN), "x")),
                        "node 'n': scale has factor NaN, expected a finite number"),
                Arguments.of(
                        graph(node("n", new PatchEmbed(3), "image", "kernel")),
                        "node 'n': patch_embed operand 0 'image' (image) has shape [batch, 1, 8, 8], expected height and"
                                + " width divisible by 3"),
                Arguments.of(
                        graph(node("n", new PatchEmbed(0), "image", "kernel")),
                        "node 'n': patch_embed has patch 0, expected at least 1"),
                Arguments.of(
                        graph(node("n", new PatchEmbed(4), "image", "kernel")),
                        "node 'n': patch_embed operand 1 'kernel' (weight) has shape [4, 1, 2, 2], expected [hidden, 1,"
                                + " 4, 4]"),
                Arguments.of(
                        graph(node("n", new Normalize(new float[3], new float[3]), "image")),
                        "node 'n': normalize operand 0 'image' (image) has shape [batch, 1, 8, 8], expected [batch, 3,"
                                + " height, width]"),
                Arguments.of(
                        graph(node("n", new Normalize(new float[1], new float[2]), "image")),
                        "node 'n': normalize has 1 scales and 2 offsets"),
                Arguments.of(
                        graph(node("n", new Concat(), "square", "square")),
                        "node 'n': concat operand 0 'square' (tokens) has shape [4, 4], expected at least one operand"
                                + " [batch, tokens, hidden]"),
                Arguments.of(
                        graph(node("n", new Concat(), "x", "w2")),
                        "node 'n': concat operand 1 'w2' (tokens) has shape [6, 4, 2], expected [batch, tokens, 4]"),
                Arguments.of(
                        graph(node("n", new Split(3), List.of("x"), "a", "b", "c")),
                        "node 'n': split operand 0 'x' (x) has shape [batch, 3, 4], expected a last dimension divisible"
                                + " by 3"),
                Arguments.of(
                        graph(node("n", new Attention(3, 1), "x", "x", "x")),
                        "node 'n': attention operand 0 'x' (q) has shape [batch, 3, 4], expected a last dimension"
                                + " divisible by 3 heads"),
                Arguments.of(
                        graph(node("n", new Attention(2, 1), "x", "z", "x")),
                        "node 'n': attention operand 1 'z' (k) has shape [batch, 2, 4], expected [batch, 3, 4]"),
                Arguments.of(
                        graph(node("n", new SelectTokens(2, 2), "x")),
                        "node 'n': select_tokens operand 0 'x' (x) has 3 tokens, expected enough for start 2 and count"
                                + " 2"),
                Arguments.of(
                        graph(router(6, 7, List.of(), "x", "gate")),
                        "node 'r': router has top_k 7, expected 1 to the number of experts, 6"),
                Arguments.of(
                        graph(router(5, 2, List.of(), "x", "gate")),
                        "node 'r': router operand 1 'gate' (gate) has shape [6, 4], expected [5, 4]"),
                Arguments.of(
                        graph(
                                List.of("a", "b"),
                                Map.of("a", "x", "b", "x"),
                                router(6, 2, List.of("a", "b"), "x", "gate")),
                        "node 'r': router has 2 operands, expected 3: x, gate, gate"),
                Arguments.of(
                        graph(router(6, 2, List.of("a"), "x", "gate")),
                        "node 'r': router has gates for tasks [a], expected the graph's tasks []"),
                Arguments.of(
                        graph(ROUTER, node("n", new Add(), "ids", "ids")),
                        "node 'n': add operand 0 'ids' (x) has shape i32[batch, 3, 2], expected [batch, 3, 2]"),
                Arguments.of(
                        graph(node("d", new Dispatch(6), List.of("x", "y"), "queue", "offsets", "slots")),
                        "node 'd': dispatch operand 1 'y' (ids) has shape [batch, 3, 4], expected i32[batch, 3, top_k]"),
                Arguments.of(
                        graph(ROUTER, node("d", new Dispatch(5), List.of("x", "ids"), "queue", "offsets", "slots")),
                        "node 'd': dispatch has 5 queues, expected 6 as router 'r' has experts"),
                Arguments.of(
                        graph(
                                ROUTER,
                                DISPATCH,
                                node("e", new Experts(Activation.RELU), "queue", "offsets", "w1", "b1", "w1", "b2")),
                        "node 'e': experts operand 4 'w1' (fc2) has shape [6, 2, 4], expected [6, 4, 2]"),
                Arguments.of(
                        graph(ROUTER, DISPATCH, node("c", new Combine(1), "queue", "slots", "weights")),
                        "node 'c': combine operand 2 'weights' (weights) has shape [batch, 3, 2], expected [batch,"
                                + " tokens, 1]"),
                Arguments.of(
                        graph(
                                ROUTER,
                                DISPATCH,
                                node(
                                        "other",
                                        new Router(RouterSettings.softmaxThenTopK(6, 2, List.of())),
                                        List.of("y", "gate"),
                                        "ids2",
                                        "weights2"),
                                node("c", new Combine(2), "queue", "slots", "weights2")),
                        "node 'c': combine operand 2 'weights2' (weights) is made by router 'other', expected 'r' that"
                                + " filled the queues"),
                Arguments.of(
                        graph(
                                ROUTER,
                                DISPATCH,
                                node(
                                        "other",
                                        new Router(RouterSettings.softmaxThenTopK(6, 2, List.of())),
                                        List.of("y", "gate"),
                                        "ids2",
                                        "weights2"),
                                node("c", new Collect(2), "queue", "slots", "ids2")),
                        "node 'c': collect operand 2 'ids2' (ids) is made by router 'other', expected 'r' that filled"
                                + " the queues"),
                Arguments.of(graph(List.of(), Map.of()), "graph 'g' has no outputs"),
                Arguments.of(
                        graph(List.of(), Map.of("logits", "head")),
                        "output 'logits' is value 'head', which is defined nowhere"),
                Arguments.of(
                        graph(List.of("digit", "edge"), Map.of("digit", "x")),
                        "task 'edge' has no output; outputs are digit"));
    }

    @ParameterizedTest
    @MethodSource("brokenGraphs")
    void aBrokenGraphIsRefusedWithOnePreciseLine(Graph graph, String message) {
        InvalidGraphException error = assertThrows(InvalidGraphException.class, () -> Verifier.check(graph));
        assertEquals(message, error.getMessage());
    }

    @Test
    void aParameterMustHaveFixedSizesAndItsOwnName() {
        Parameter symbolic = new Parameter("p", TOKENS, () -> new float[0]);
        assertEquals(
                "parameter 'p' has shape [batch, 3, 4], expected fixed sizes",
                assertThrows(InvalidGraphException.class, () -> Verifier.check(withParameter("p", symbolic)))
                        .getMessage());
        Parameter fixed = new Parameter("p", Type.f32(2), () -> new float[2]);
        assertEquals(
                "parameter 'p' is listed as 'q'",
                assertThrows(InvalidGraphException.class, () -> Verifier.check(withParameter("q", fixed)))
                        .getMessage());
    }

    private static Graph withParameter(String key, Parameter parameter) {
        return new Graph(
                "g",
                List.of(new GraphInput("x", TOKENS)),
                Map.of(key, parameter),
                List.of(),
                Map.of("out", "x"),
                List.of());
    }

    @Test
    void aMixtureOfExpertsIsAccepted() {
        List<Node> nodes = new ArrayList<>(Arrays.asList(
                ROUTER,
                DISPATCH,
                node("e", new Experts(Activation.RELU), "queue", "offsets", "w1", "b1", "w2", "b2"),
                node("c", new Combine(2), "e", "slots", "weights")));
        Graph graph = graph(List.of(), Map.of("out", "c"), nodes.toArray(new Node[0]));
        Verifier.check(graph);
        assertEquals(TOKENS, graph.types().get("c"));
        assertEquals("i32[routed]", graph.types().get("slots").toString());
    }
}
