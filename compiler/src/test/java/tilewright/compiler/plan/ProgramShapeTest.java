package tilewright.compiler.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import tilewright.boards.Boards;
import tilewright.hw.arith.LayerNormParameters;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TableFunction;
import tilewright.hw.program.Buffer;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.PatchGeometry;
import tilewright.hw.program.Program;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;
import tilewright.hw.program.TokenRange;

class ProgramShapeTest {
    private static final int FEATURES = 8;
    private static final int TOKENS = 5;
    private static final int HIDDEN = 12;

    private static final Buffer RESIDUAL = Buffer.of("residual", TOKENS, FEATURES, 16, 1);
    private static final Buffer NORMED = Buffer.of("normed", TOKENS, FEATURES, 8, 1);
    private static final Buffer QKV = new Buffer("qkv", TOKENS, 6, 4, 8, 1);
    private static final Buffer CONTEXT = new Buffer("context", TOKENS, 2, 4, 8, 1);
    private static final Buffer IDS = Buffer.of("ids", TOKENS, 2, 16, 1);
    private static final Buffer EXPERT_HIDDEN = Buffer.of("hidden", TOKENS, HIDDEN, 8, 1);

    private static LinearParameters layer(String name, int outputs, int inputs) {
        Requantizer[] scales = new Requantizer[outputs];
        Arrays.fill(scales, Requantizer.of(0.5));
        return new LinearParameters(name, outputs, inputs, new short[outputs * inputs], new long[outputs], scales);
    }

    private static TaskProgram task(String name) {
        PatchGeometry geometry = new PatchGeometry(1, 8, 8, 4);
        TokenRange all = new TokenRange(0, TOKENS);
        List<Step> steps = new ArrayList<>();
        steps.add(new Step.Embed(
                "embed", "embed", geometry, layer("patches", FEATURES, 16), new int[TOKENS * FEATURES], 1, RESIDUAL));
        steps.add(new Step.Norm(
                "norm",
                "block0",
                RESIDUAL,
                all,
                new LayerNormParameters(new int[FEATURES], new long[FEATURES], 8, 1),
                NORMED));
        steps.add(new Step.Linear("qkv", "block0", NORMED, all, layer("qkv", 24, FEATURES), null, false, QKV));
        steps.add(new Step.Attention("attention", "block0", QKV, 2, Requantizer.of(0.5), Requantizer.of(0.5), CONTEXT));
        steps.add(new Step.Route("route", "block0", NORMED, layer("gate-" + name, 3, FEATURES), 2, false, IDS));
        steps.add(new Step.Experts(
                "experts",
                "block0",
                NORMED,
                Collections.nCopies(3, layer("fc1", HIDDEN, FEATURES)),
                TableFunction.of(Math::tanh, 1, 1),
                EXPERT_HIDDEN,
                Collections.nCopies(3, layer("fc2", FEATURES, HIDDEN)),
                RESIDUAL));
        return new TaskProgram(name, steps, RESIDUAL);
    }

    private static final Program PROGRAM = new Program(
            "tiny",
            new IntegerFormat(8),
            new SoftmaxFormat(TOKENS),
            new PatchGeometry(1, 8, 8, 4),
            RESIDUAL,
            List.of(task("one"), task("two")));

    @Test
    void aShapeKeepsTheSizesOfAProgram() {
        ProgramShape shape = ProgramShape.of(PROGRAM);
        assertEquals(2, shape.tasks().size());
        List<StepShape> steps = shape.tasks().getFirst().steps();
        assertEquals(6, steps.size());
        StepShape.Attention attention = (StepShape.Attention) steps.get(3);
        assertEquals(4, attention.headSize());
        assertEquals(6, attention.input().words(4));
        assertEquals(12, attention.input().words(2));
        StepShape.Experts experts = (StepShape.Experts) steps.get(5);
        assertEquals(2, experts.topK());
        assertEquals(3, experts.experts());
        assertEquals(256, experts.tableEntries());
        // 4 patches of 16 to 8, qkv of 5 rows, attention 2 x 5 x 5 x 8, the router and two experts per token.
        double macs = 4 * 16 * 8 + 5 * 8 * 24 + 2 * 5 * 5 * 8 + 5 * 8 * 3 + 5 * 2 * 2 * 8 * 12;
        assertEquals(macs, shape.tasks().getFirst().macs());
    }

    @Test
    void layersThatTasksShareAreStoredOnce() {
        ProgramShape shape = ProgramShape.of(PROGRAM);
        long layers = 16 * 8 + 8 * 24 + 3 * 2 * 8 * 12 + 2 * (2 * 3 * 8);
        long words = 16L * (8 + 24 + 3 * (12 + 8) + 2 * 3 + 8);
        long table = 2 * 5 * 8;
        long buffers = 5 * (2 * 8 + 8 + 24 + 8 + 2 * 2 + 12);
        assertEquals(layers + words + table + buffers + 64, shape.externalBytes());
    }

    @Test
    void aProgramIsPlannedAndEstimatedDirectly() {
        Plan plan = Planner.plan(PROGRAM, Boards.load("zcu102"));
        Estimate estimate = CostModel.estimate(PROGRAM, plan.parameters(), plan.board());
        assertEquals(plan.estimate().cycles(), estimate.cycles());
        assertEquals(
                List.of("one", "two"),
                estimate.tasks().stream().map(TaskEstimate::task).toList());
        assertTrue(estimate.cycles() > 0);
    }
}
