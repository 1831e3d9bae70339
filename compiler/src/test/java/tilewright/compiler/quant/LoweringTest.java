package tilewright.compiler.quant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.Progress;
import tilewright.compiler.build.ModelTasks;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.TableFunction;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.PatchGeometry;
import tilewright.hw.program.Program;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;
import tilewright.hw.program.TokenRange;
import tilewright.model.family.RandomModels;
import tilewright.model.graph.RouterSettings;
import tilewright.model.graph.SelectTokens;

/** The steps that graphs become, what tasks share, and the factors between the steps' units. */
class LoweringTest {
    @TempDir
    static Path folder;

    private static ModelTasks tiny;

    @BeforeAll
    static void openModel() {
        RandomModels.write(folder.resolve("tiny"), RandomModels.shape("tiny"));
        tiny = ModelTasks.open(folder.resolve("tiny"), null, 1);
    }

    @AfterAll
    static void closeModel() {
        tiny.close();
    }

    private static QuantisedModel quantise(int bits) {
        return new Quantiser(
                        tiny.tasks(),
                        QuantiserTest.images(tiny.model().image(), 4, 1),
                        new IntegerFormat(bits),
                        Progress.NONE)
                .quantise("tiny");
    }

    private static List<String> names(TaskProgram task) {
        return task.steps().stream()
                .map(step -> step.getClass().getSimpleName() + " " + step.name() + " of " + step.block())
                .toList();
    }

    @Test
    void aMixtureOfExpertsBecomesTheStepsOfItsBlocksInOrder() {
        assertEquals(
                List.of(
                        "Embed embed of embed",
                        "Norm block0.norm1 of block0",
                        "Linear block0.qkv of block0",
                        "Attention block0.attention of block0",
                        "Linear block0.attn of block0",
                        "Norm block0.norm2 of block0",
                        "Linear block0.fc1 of block0",
                        "Linear block0.fc2 of block0",
                        "Norm block1.norm1 of block1",
                        "Linear block1.qkv of block1",
                        "Attention block1.attention of block1",
                        "Linear block1.attn of block1",
                        "Norm block1.norm2 of block1",
                        "Route block1.router of block1",
                        "Experts block1.experts of block1",
                        "Norm norm of head",
                        "Linear digit of head"),
                names(quantise(8).program().task("digit")));
    }

    @Test
    void tasksShareEveryLayerButTheirGatesAndHeads() {
        Program program = quantise(8).program();
        List<Step> digit = program.task("digit").steps();
        List<Step> edge = program.task("edge").steps();
        assertEquals(digit.size(), edge.size());
        for (int i = 0; i < digit.size(); i++) {
            switch (digit.get(i)) {
                case Step.Embed embed -> assertSame(embed.linear(), ((Step.Embed) edge.get(i)).linear());
                case Step.Linear linear
                when linear.block().equals("head") ->
                    assertNotSame(linear.linear(), ((Step.Linear) edge.get(i)).linear());
                case Step.Linear linear ->
                    assertSame(linear.linear(), ((Step.Linear) edge.get(i)).linear(), linear.name());
                case Step.Route route -> assertNotSame(route.linear(), ((Step.Route) edge.get(i)).linear());
                case Step.Experts experts -> {
                    Step.Experts other = (Step.Experts) edge.get(i);
                    assertEquals(4, experts.first().size());
                    for (int e = 0; e < 4; e++) {
                        assertSame(experts.first().get(e), other.first().get(e));
                        assertSame(experts.second().get(e), other.second().get(e));
                    }
                }
                case Step.Norm norm -> assertEquals(norm.output(), ((Step.Norm) edge.get(i)).output());
                case Step.Attention attention -> assertEquals(attention, edge.get(i));
            }
        }
    }

    @Test
    void onlyTheTokensThatAHeadReadsAreNormalised() {
        Program program = quantise(8).program();
        TokenRange cls = new TokenRange(0, 1);
        TokenRange patches = new TokenRange(1, 6);

        for (TaskProgram task : program.tasks()) {
            TokenRange expected = task.task().equals("digit") ? cls : patches;
            Step.Norm norm = (Step.Norm) task.steps().get(task.steps().size() - 2);
            Step.Linear head = (Step.Linear) task.steps().getLast();
            assertEquals(expected, norm.tokens());
            assertEquals(expected, head.tokens());
            assertEquals(expected.count(), task.result().tokens());
            assertSame(task.result(), head.output());
        }
        Step.Norm inner = (Step.Norm) program.task("digit").steps().get(1);
        assertEquals(new TokenRange(0, 7), inner.tokens());
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void buffersHaveTheFormatsWidthsAndTheHeadsTheirGroups(int bits) {
        Program program = quantise(bits).program();
        int wide = bits == 8 ? 16 : 24;
        assertEquals(new PatchGeometry(1, 8, 12, 4), program.geometry());
        assertEquals(7, program.softmax().rowLength(), "seven tokens, four experts");
        assertEquals(wide, program.residual().bits());
        assertEquals(7, program.residual().tokens());
        for (Step step : program.task("edge").steps()) {
            Buffer output = step.output();
            switch (step) {
                case Step.Attention attention -> {
                    assertEquals(2, attention.heads());
                    assertEquals(6, attention.input().groups());
                    assertEquals(6, attention.input().groupSize());
                    assertEquals(2, output.groups());
                    assertEquals(12, output.features());
                    assertEquals(bits, output.bits());
                }
                case Step.Linear linear when linear.accumulate() -> assertSame(program.residual(), output);
                case Step.Linear linear when linear.block().equals("head") -> assertEquals(wide, output.bits());
                case Step.Linear linear -> assertEquals(bits, output.bits());
                case Step.Norm norm -> assertEquals(bits, output.bits());
                case Step.Route route -> assertEquals(2, output.features());
                case Step.Experts experts -> {
                    assertEquals(bits, experts.hidden().bits());
                    assertEquals(8, experts.hidden().features());
                    assertSame(program.residual(), output);
                }
                case Step.Embed embed -> assertSame(program.residual(), output);
            }
        }
    }

    @Test
    void activationsAreTablesAtEightBitsAndInterpolatedAtSixteen() {
        for (int bits : new int[] {8, 16}) {
            Class<? extends ActivationUnit> unit = bits == 8 ? TableFunction.class : EvenResidualFunction.class;
            for (Step step : quantise(bits).program().task("digit").steps()) {
                if (step instanceof Step.Linear linear) {
                    if (linear.name().equals("block0.fc1")) {
                        assertInstanceOf(unit, linear.activation());
                    } else {
                        assertNull(linear.activation(), linear.name());
                    }
                }
                if (step instanceof Step.Experts experts) {
                    assertInstanceOf(unit, experts.activation());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void factorsBetweenUnitsFollowFromTheScales(int bits) {
        QuantisedModel quantised = quantise(bits);
        for (Step step : quantised.program().task("digit").steps()) {
            if (step instanceof Step.Attention attention) {
                double q = scale(quantised, attention.block() + ".q");
                double k = scale(quantised, attention.block() + ".k");
                double v = scale(quantised, attention.block() + ".v");
                // Base-2 logarithms with 16 fraction bits; probabilities of 7 tokens have 13 + 3 bits.
                assertEquals(
                        q * k / Math.log(2) * 65536,
                        attention.score().factor(),
                        1e-8 * attention.score().factor());
                assertEquals(
                        v / attention.output().scale() / 65536,
                        attention.context().factor(),
                        1e-8 * attention.context().factor());
            }
            if (step instanceof Step.Linear linear && linear.name().endsWith(".qkv")) {
                // Rows of queries, keys and values have the scales of their own buffers' parts.
                for (int o = 0; o < 36; o++) {
                    String part = linear.block() + List.of(".q", ".k", ".v").get(o / 12);
                    double unit = linear.linear().scales()[o].factor() * scale(quantised, part);
                    assertEquals(weightStep(linear, o, bits) * linear.input().scale(), unit, 1e-6 * unit, part);
                }
            }
        }
    }

    /** The value of one unit of a row's weights, from the float weights of the graph. */
    private static double weightStep(Step.Linear linear, int row, int bits) {
        var graph = tiny.tasks().getFirst().graph();
        String name = graph.producers().get(linear.name()).inputs().get(1);
        float[] weights = graph.parameters().get(name).data().load();
        double largest = 0;
        for (int i = 0; i < 12; i++) {
            largest = Math.max(largest, Math.abs(weights[row * 12 + i]));
        }
        return largest / (Math.pow(2, bits - 1) - 1);
    }

    private static double scale(QuantisedModel quantised, String name) {
        return quantised.tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow()
                .scale();
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void noAccumulatorOfAnyLayerCanOverflow(int bits) {
        int accumulator = bits == 8 ? 32 : 48;
        for (TaskProgram task : quantise(bits).program().tasks()) {
            for (Step step : task.steps()) {
                switch (step) {
                    case Step.Embed embed -> assertTrue(embed.linear().accumulatorBits(8) <= accumulator);
                    case Step.Linear linear -> assertTrue(linear.linear().accumulatorBits(bits) <= accumulator);
                    case Step.Route route -> assertTrue(route.linear().accumulatorBits(bits) <= 48);
                    case Step.Experts experts -> {
                        for (LinearParameters layer : experts.first()) {
                            assertTrue(layer.accumulatorBits(bits) <= accumulator);
                        }
                        for (LinearParameters layer : experts.second()) {
                            assertTrue(layer.accumulatorBits(bits) <= accumulator);
                        }
                    }
                    case Step.Norm norm -> {}
                    case Step.Attention attention -> {}
                }
            }
        }
    }

    @Test
    void twoHeadsThatAreAveragedAddUpInOneBuffer() {
        Sketch sketch = new Sketch();
        String norm = sketch.norm("norm", sketch.embed());
        String first = sketch.linear("first", sketch.graph.add("token0", new SelectTokens(0, 1), norm), 3);
        String second = sketch.linear("second", sketch.graph.add("token2", new SelectTokens(2, 1), norm), 3);
        TaskProgram task = Sketch.lower(sketch.graph(sketch.add("logits", first, second)), 8);

        Step.Norm normalise = (Step.Norm) task.steps().get(1);
        Step.Linear one = (Step.Linear) task.steps().get(2);
        Step.Linear other = (Step.Linear) task.steps().get(3);
        assertEquals(4, task.steps().size());
        assertEquals(new TokenRange(0, 3), normalise.tokens(), "from the first token read to the last");
        assertEquals(new TokenRange(0, 1), one.tokens());
        assertEquals(new TokenRange(2, 1), other.tokens());
        assertFalse(one.accumulate());
        assertTrue(other.accumulate());
        assertEquals(one.output(), other.output());
        assertEquals(Buffer.of("output.out", 1, 3, 16, one.output().scale()), task.result());
    }

    @Test
    void aChainOfLayersOnOneTokenWritesTheFirstRowOfItsBuffers() {
        Sketch sketch = new Sketch();
        String norm = sketch.norm("norm", sketch.embed());
        String token = sketch.graph.add("token3", new SelectTokens(3, 1), norm);
        String logits = sketch.linear("logits", sketch.linear("pooler", token, 6), 3);
        TaskProgram task = Sketch.lower(sketch.graph(logits), 8);

        Step.Linear pooler = (Step.Linear) task.steps().get(2);
        Step.Linear head = (Step.Linear) task.steps().get(3);
        assertEquals(new TokenRange(3, 1), pooler.tokens());
        assertEquals(1, pooler.output().tokens());
        assertEquals(new TokenRange(0, 1), head.tokens());
        assertEquals(8, pooler.output().bits());
        assertEquals(16, head.output().bits());
    }

    @Test
    void tokensAreAResultToo() {
        Sketch sketch = new Sketch();
        String x = sketch.embed();
        String fc = sketch.linear("block0.fc", sketch.norm("block0.norm1", x), 4);
        TaskProgram task = Sketch.lower(sketch.graph(sketch.add("block0", fc, x)), 8);

        assertEquals("residual", task.result().name());
        Step.Linear added = (Step.Linear) task.steps().getLast();
        assertTrue(added.accumulate());
        assertSame(task.result(), added.output());
    }

    @Test
    void aRouterRenormalisesWhereTheModelDoes() {
        for (RouterSettings.Normalise normalise : List.of(
                RouterSettings.Normalise.SOFTMAX_BEFORE_SELECT, RouterSettings.Normalise.SOFTMAX_AFTER_SELECT)) {
            for (boolean renormalise : new boolean[] {false, true}) {
                Sketch sketch = new Sketch();
                RouterSettings settings = new RouterSettings(
                        3,
                        2,
                        RouterSettings.Score.LINEAR,
                        normalise,
                        RouterSettings.Select.TOP_K,
                        renormalise,
                        List.of());
                String x = sketch.embed();
                String sum = sketch.mixture("block0", sketch.norm("block0.norm2", x), settings);
                TaskProgram task = Sketch.lower(sketch.graph(sketch.add("block0", x, sum)), 8);

                Step.Route route = (Step.Route) task.steps().get(2);
                assertEquals(
                        renormalise || normalise == RouterSettings.Normalise.SOFTMAX_AFTER_SELECT,
                        route.overSelected(),
                        settings.toString());
            }
        }
    }
}
