package tilewright.compiler.pass;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.model.family.Families;
import tilewright.model.family.LoadedModel;
import tilewright.model.family.RandomModels;
import tilewright.model.graph.Attention;
import tilewright.model.graph.Dim;
import tilewright.model.graph.Graph;
import tilewright.model.graph.GraphBuilder;
import tilewright.model.graph.Interpreter;
import tilewright.model.graph.InvalidGraphException;
import tilewright.model.graph.Linear;
import tilewright.model.graph.Node;
import tilewright.model.graph.Normalize;
import tilewright.model.graph.Op;
import tilewright.model.graph.PatchEmbed;
import tilewright.model.graph.Router;
import tilewright.model.graph.Scale;
import tilewright.model.graph.Split;
import tilewright.model.graph.Tensor64;
import tilewright.model.graph.Type;
import tilewright.model.graph.Verifier;

class PassesTest {
    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyPassKeepsTheFloat64OutputsOfRandomGraphs(long seed) {
        for (Graph graph : List.of(
                RandomGraphs.dense(seed, true, false),
                RandomGraphs.dense(seed, false, false),
                RandomGraphs.dense(seed, false, true))) {
            checkEach(graph, Passes.standard(), seed);
        }
        for (String task : List.of("a", "b")) {
            Graph graph = RandomGraphs.mixture(seed).forTask(task);
            checkEach(graph, Passes.standard(), seed);
        }
    }

    private static void checkEach(Graph graph, List<Pass> passes, long seed) {
        Tensor64 pixels = RandomGraphs.pixels(graph, seed);
        Map<String, Tensor64> expected = outputs(graph, pixels);
        Graph current = graph;
        for (Pass pass : passes) {
            current = Passes.run(current, List.of(pass));
            assertEquals(graph.outputs(), current.outputs(), pass.name());
            Map<String, Tensor64> found = outputs(current, pixels);
            expected.forEach((name, tensor) -> assertClose(tensor, found.get(name), pass.name() + " " + name));
        }
    }

    private static Map<String, Tensor64> outputs(Graph graph, Tensor64 pixels) {
        return Interpreter.run(graph, Map.of("pixels", pixels), graph.outputs().values());
    }

    private static void assertClose(Tensor64 expected, Tensor64 found, String what) {
        double largest = 0;
        for (double value : expected.data()) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertArrayEquals(expected.dims(), found.dims(), what);
        assertArrayEquals(expected.data(), found.data(), 1e-9 * largest, what);
    }

    @Test
    void foldedGraphsReadRawPixelsAndHaveNeitherScalesNorNormalisation() {
        Graph folded = Passes.run(RandomGraphs.dense(3, false, true), Passes.standard());
        assertTrue(nodes(folded, Normalize.class).isEmpty());
        assertTrue(nodes(folded, Scale.class).isEmpty());
        assertEquals(
                "pixels", nodes(folded, PatchEmbed.class).getFirst().inputs().getFirst());
        for (Node node : nodes(folded, Attention.class)) {
            assertEquals(1.0, ((Attention) node.op()).scale());
        }
        assertFalse(folded.producers().containsKey("pixel_values"));
        assertTrue(folded.parameters().containsKey("embed.weight|normalised"));
        assertTrue(folded.parameters().containsKey("block0.q.weight|scaled|qkv"));
    }

    @Test
    void aFusedQkvLayerKeepsItsNodeAndHasOnlyItsQueryRowsScaled() {
        Graph graph = RandomGraphs.dense(5, true, false);
        Graph folded = Passes.run(graph, List.of(new ConstantFolding(), new DeadCode()));
        double[] before = graph.parameters().get("block0.qkv.weight").data().load64();
        double[] after =
                folded.parameters().get("block0.qkv.weight|scaled").data().load64();
        Attention attention =
                (Attention) nodes(graph, Attention.class).getFirst().op();
        for (int i = 0; i < before.length; i++) {
            assertEquals(i < before.length / 3 ? before[i] * attention.scale() : before[i], after[i]);
        }
        assertEquals(
                nodes(graph, Linear.class).size(), nodes(folded, Linear.class).size());
    }

    @Test
    void threeLayersBecomeOneAndASplitInTheOrderQueryKeyValue() {
        Graph graph = RandomGraphs.dense(7, false, false);
        Graph fused = new QkvFusion().apply(graph);
        assertEquals(
                nodes(graph, Linear.class).size() - 2,
                nodes(fused, Linear.class).size());
        Node split = nodes(fused, Split.class).getFirst();
        assertEquals(List.of("block0.q", "block0.k", "block0.v"), split.outputs());
        List<Double> expected = new ArrayList<>();
        for (String part : split.outputs()) {
            for (double value : graph.parameters().get(part + ".weight").data().load64()) {
                expected.add(value);
            }
        }
        double[] found = fused.parameters().get("block0.q.weight|qkv").data().load64();
        assertArrayEquals(expected.stream().mapToDouble(value -> value).toArray(), found);
    }

    @Test
    void layersOnDifferentInputsAreNotFused() {
        GraphBuilder builder = new GraphBuilder("cross");
        String x = builder.input("x", Type.f32(Dim.BATCH, Dim.of(2), Dim.of(2)));
        String y = builder.input("y", Type.f32(Dim.BATCH, Dim.of(2), Dim.of(2)));
        String weight = builder.parameter("w", Type.f32(2, 2), () -> new float[] {1, 2, 3, 4});
        String attended = builder.add(
                "attention",
                new Attention(1, 1),
                builder.add("q", new Linear(), x, weight),
                builder.add("k", new Linear(), y, weight),
                builder.add("v", new Linear(), y, weight));
        builder.output("out", attended);
        Graph graph = builder.build();
        assertEquals(graph.nodes(), new QkvFusion().apply(graph).nodes());
    }

    @Test
    void theScaleStaysWhenTheQueriesAreReadElsewhere() {
        GraphBuilder builder = new GraphBuilder("shared");
        String x = builder.input("x", Type.f32(Dim.BATCH, Dim.of(2), Dim.of(2)));
        String weight = builder.parameter("w", Type.f32(2, 2), () -> new float[] {1, 2, 3, 4});
        String q = builder.add("q", new Linear(), x, weight);
        builder.output("out", builder.add("attention", new Attention(1, 0.5), q, q, q));
        Graph graph = builder.build();
        assertEquals(graph.nodes(), new ConstantFolding().apply(graph).nodes());
    }

    @Test
    void aLayerThatIsAlsoAnOutputStaysBesideItsScaledCopy() {
        Graph folded = Passes.run(RandomGraphs.dense(2, true, true), Passes.standard());
        assertEquals("first", folded.outputs().get("first"));
        assertTrue(folded.parameters().keySet().containsAll(Set.of("first.weight", "first.weight|scaled")));
        assertFalse(folded.parameters().containsKey("second.weight"));
    }

    @Test
    void specialisationLeavesOneGateAndOneOutput() {
        Graph specialised = Passes.run(RandomGraphs.mixture(4), Passes.standard("b"));
        assertEquals(Map.of("b", "b"), specialised.outputs());
        assertEquals(List.of(), specialised.tasks());
        for (Node node : nodes(specialised, Router.class)) {
            assertEquals(2, node.inputs().size());
            assertEquals("block1.gate.b", node.inputs().get(1));
        }
        assertFalse(specialised.parameters().containsKey("block1.gate.a"));
        assertFalse(specialised.parameters().containsKey("a.weight"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny", "tiny-m3vit"})
    void theValuesThatOthersCompareKeepTheirNamesAndMeaning(String shape) {
        RandomModels.write(temporary, RandomModels.shape(shape));
        try (LoadedModel model = Families.load(temporary)) {
            String task = model.graph().tasks().getLast();
            Graph graph = model.graph().forTask(task);
            Graph passed = Passes.run(model.graph(), Passes.standard(task));
            List<String> values = new ArrayList<>(List.of("embed"));
            for (String block : List.of("block0", "block1")) {
                for (String part : List.of("", ".norm1", ".attn", ".mid", ".norm2")) {
                    values.add(block + part);
                }
            }
            values.addAll(List.of("block1.router.ids", "block1.router.weights"));
            values.addAll(graph.outputs().values());
            Tensor64 pixels = RandomGraphs.pixels(graph, 1);
            Map<String, Tensor64> expected = Interpreter.run(graph, Map.of("pixels", pixels), values);
            Map<String, Tensor64> found = Interpreter.run(passed, Map.of("pixels", pixels), values);
            values.forEach(value -> assertClose(expected.get(value), found.get(value), value));
            assertFalse(passed.producers().containsKey("pixel_values"));
        }
    }

    @Test
    void anUnknownTaskIsRefusedWithTheTasksThatExist() {
        Graph graph = RandomGraphs.mixture(1);
        InvalidGraphException error =
                assertThrows(InvalidGraphException.class, () -> new TaskSpecialisation("c").apply(graph));
        assertEquals("graph 'random' has no task 'c'; it has a, b", error.getMessage());
    }

    @Test
    void deadCodeRemovesWhatNoOutputNeedsAndNothingElse() {
        Graph graph = RandomGraphs.mixture(6);
        assertEquals(graph.nodes(), new DeadCode().apply(graph).nodes());
        Graph onlyA = new Graph("a", graph.inputs(), graph.parameters(), graph.nodes(), Map.of("a", "a"), List.of("a"));
        Graph cleaned = new DeadCode().apply(onlyA);
        assertEquals(graph.nodes().size() - 1, cleaned.nodes().size());
        assertFalse(cleaned.parameters().containsKey("b.bias"));
    }

    @Test
    void everyPassHasANameAndOneSentence() {
        for (Pass pass : Passes.standard("digit")) {
            assertTrue(pass.name().matches("[a-z-]+"), pass.name());
            assertTrue(pass.contract().matches("[A-Z][^.]*\\."), pass.contract());
        }
    }

    @Test
    void aPassThatBreaksTheGraphIsNamed() {
        Pass broken = new Pass() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public String contract() {
                return "Removes the first node.";
            }

            @Override
            public Graph apply(Graph graph) {
                return graph.with(
                        graph.parameters(),
                        graph.nodes().subList(1, graph.nodes().size()));
            }
        };
        Graph graph = RandomGraphs.mixture(6);
        Verifier.check(graph);
        InvalidGraphException error =
                assertThrows(InvalidGraphException.class, () -> Passes.run(graph, List.of(broken)));
        assertEquals(
                "after pass broken: node 'patches': patch_embed operand 0 'pixel_values' is defined nowhere",
                error.getMessage());
    }

    private static List<Node> nodes(Graph graph, Class<? extends Op> op) {
        return graph.nodes().stream().filter(node -> op.isInstance(node.op())).toList();
    }
}
