package tilewright.model.graph;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InterpreterTest {
    private final List<String> loaded = new ArrayList<>();
    private Graph graph;

    /** y = x W^T with W = 2, then z = y + y, and an unrelated u = x V^T. */
    @BeforeEach
    void buildAGraph() {
        GraphBuilder builder = new GraphBuilder("g");
        String x = builder.input("x", Type.f32(Dim.BATCH, Dim.of(1), Dim.of(1)));
        String y = builder.add("y", new Linear(), x, parameter(builder, "W", 2));
        builder.output("out", builder.add("z", new Add(), y, y));
        builder.output("other", builder.add("u", new Linear(), x, parameter(builder, "V", 5)));
        graph = builder.build();
    }

    private String parameter(GraphBuilder builder, String name, float value) {
        return builder.parameter(name, Type.f32(1, 1), () -> {
            loaded.add(name);
            return new float[] {value};
        });
    }

    private static Tensor64 batch(double... values) {
        return new Tensor64(new int[] {values.length, 1, 1}, values);
    }

    @Test
    void onlyWhatTheFetchedValuesNeedIsEvaluated() {
        Map<String, Tensor64> found = Interpreter.run(graph, Map.of("x", batch(3, 4)), List.of("z"));
        assertArrayEquals(new double[] {12, 16}, found.get("z").data());
        assertEquals(List.of("W"), loaded);
    }

    @Test
    void evaluationStartsAtAFedIntermediateValue() {
        Map<String, Tensor64> found = Interpreter.run(graph, Map.of("y", batch(7)), List.of("z", "y"));
        assertArrayEquals(new double[] {14}, found.get("z").data());
        assertArrayEquals(new double[] {7}, found.get("y").data());
        assertEquals(List.of(), loaded);
    }

    @Test
    void inputsAndParametersCanBeFetched() {
        Map<String, Tensor64> found = Interpreter.run(graph, Map.of("x", batch(3)), List.of("x", "V"));
        assertArrayEquals(new double[] {3}, found.get("x").data());
        assertArrayEquals(new double[] {5}, found.get("V").data());
    }

    @Test
    void wrongFeedsAndFetchesAreRefused() {
        assertMessage("graph 'g': input 'x' is needed but was not fed", Map.of(), "z");
        assertMessage("graph 'g' has no value 'w'", Map.of("x", batch(1)), "w");
        assertMessage("feed 'q' names no value of the graph", Map.of("q", batch(1)), "z");
        assertMessage(
                "feed 'x' has shape [1, 1], expected [batch, 1, 1]",
                Map.of("x", new Tensor64(new int[] {1, 1}, new double[1])),
                "z");
        assertMessage(
                "feed 'x' has shape [1, 2, 1], expected [batch, 1, 1]",
                Map.of("x", new Tensor64(new int[] {1, 2, 1}, new double[2])),
                "z");
    }

    @Test
    void theBatchOfAllFeedsMustBeOne() {
        Map<String, Tensor64> feeds = new TreeMap<>(Map.of("x", batch(1, 2), "y", batch(1)));
        assertMessage("feed 'y' has shape [1, 1, 1], expected [batch, 1, 1] with batch 2", feeds, "z");
    }

    private void assertMessage(String message, Map<String, Tensor64> feeds, String fetch) {
        InvalidGraphException error =
                assertThrows(InvalidGraphException.class, () -> Interpreter.run(graph, feeds, List.of(fetch)));
        assertEquals(message, error.getMessage());
    }

    @Test
    void computedParametersAreExactForTheInterpreterAndRoundedForOthers() {
        ParameterData third = ParameterData.computed(() -> new double[] {1.0 / 3});
        assertEquals(1.0 / 3, third.load64()[0]);
        assertEquals((float) (1.0 / 3), third.load()[0]);
    }
}
