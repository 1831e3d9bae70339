package tilewright.compiler.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.boards.Board;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.Program;

/**
 * Estimates a design from the structure of the emitted C++ and a board's figures; a pure function of its arguments.
 *
 * <p>Steps run one after the other, so cycles add up; what overlaps inside a step is stated by the class of its unit.
 * Loops over rows and the words of a row count as one pipeline with an initiation interval of one: a pipeline that drains
 * after every row, or a port that waits for every short burst, would add its depth or latency once per row.
 */
public final class CostModel {
    private final ProgramShape shape;
    private final Board board;
    private final ExpertLoad load;
    private final Target target;

    /**
     * A model of a program on a board.
     *
     * @param load tokens per expert
     * @param timing of the external memory
     */
    public CostModel(ProgramShape shape, Board board, ExpertLoad load, MemoryTiming timing) {
        this.shape = shape;
        this.board = board;
        this.load = load;
        target = new Target(board, timing);
    }

    /** Estimates a program on a board with balanced routing and typical memory. */
    public static Estimate estimate(Program program, DesignParameters parameters, Board board) {
        return new CostModel(ProgramShape.of(program), board, ExpertLoad.BALANCED, MemoryTiming.TYPICAL)
                .estimate(parameters);
    }

    /** Estimates a design. */
    public Estimate estimate(DesignParameters parameters) {
        ResourceUse resources = resources(parameters);
        List<TaskEstimate> tasks = new ArrayList<>();
        for (TaskShape task : shape.tasks()) {
            tasks.add(task(task, parameters, resources));
        }
        return new Estimate(shape.name(), shape.format().activationBits(), parameters.clockMhz(), resources, tasks);
    }

    /** Resources of a design. */
    public ResourceUse resources(DesignParameters parameters) {
        return linear(parameters)
                .resources(shape)
                .plus(attention(parameters).resources(shape))
                .plus(norm(parameters).resources(shape))
                .plus(route(parameters).resources(shape))
                .plus(infrastructure(parameters).resources(shape));
    }

    private TaskEstimate task(TaskShape task, DesignParameters parameters, ResourceUse resources) {
        List<StepEstimate> steps = new ArrayList<>();
        Map<String, BlockEstimate> blocks = new LinkedHashMap<>();
        Work total = Work.NONE;
        for (StepShape step : task.steps()) {
            Work work = work(task.task(), step, parameters);
            steps.add(new StepEstimate(step.name(), step.block(), unit(step), step.macs(), work));
            blocks.merge(
                    step.block(),
                    new BlockEstimate(step.block(), step.macs(), work),
                    (a, b) -> new BlockEstimate(
                            a.block(), a.macs() + b.macs(), a.work().plus(b.work())));
            total = total.plus(work);
        }
        double seconds = total.cycles() / (parameters.clockMhz() * 1e6);
        int bits = shape.format().activationBits();
        return new TaskEstimate(
                task.task(),
                steps,
                List.copyOf(blocks.values()),
                task.macs(),
                total,
                1e3 * seconds,
                1 / seconds,
                Bound.of(board, bits, task.macs(), leastBytes(task), total.cycles()),
                Energy.of(board, bits, resources, task.macs(), total.bytes(), seconds));
    }

    /** Time and traffic of a step. */
    Work work(String task, StepShape step, DesignParameters parameters) {
        Work work = switch (step) {
            case StepShape.Embed s -> linear(parameters).embed(s);
            case StepShape.Linear s -> linear(parameters).linear(s);
            case StepShape.Experts s -> linear(parameters).experts(s, load.of(task, s));
            case StepShape.Attention s -> attention(parameters).attention(s);
            case StepShape.Norm s -> norm(parameters).norm(s);
            case StepShape.Route s -> route(parameters).route(s);
        };
        return work.later(Coefficients.STEP_OVERHEAD_CYCLES);
    }

    private static String unit(StepShape step) {
        return switch (step) {
            case StepShape.Embed s -> "linear";
            case StepShape.Linear s -> "linear";
            case StepShape.Experts s -> "linear";
            case StepShape.Attention s -> "attention";
            case StepShape.Norm s -> "norm";
            case StepShape.Route s -> "route";
        };
    }

    /** Bytes that any design must move: each weight of a layer or a visited expert once, the image, the result. */
    private double leastBytes(TaskShape task) {
        double bytes = shape.imageBytes() + task.resultBytes();
        double weightBytes = shape.format().weightBits() / (double) Byte.SIZE;
        for (StepShape step : task.steps()) {
            bytes += switch (step) {
                case StepShape.Embed s ->
                    weightBytes * s.input().features() * s.output().features();
                case StepShape.Linear s ->
                    weightBytes * s.input().features() * s.output().features();
                case StepShape.Experts s ->
                    weightBytes
                            * ExpertLoad.visited(load.of(task.task(), s))
                            * s.hidden().features()
                            * (s.input().features() + s.output().features());
                case StepShape.Route s ->
                    (double) IntegerFormat.ROUTER_WEIGHT_BITS
                            / Byte.SIZE
                            * s.experts()
                            * s.input().features();
                case StepShape.Attention s -> 0;
                case StepShape.Norm s -> 0;
            };
        }
        return bytes;
    }

    LinearUnit linear(DesignParameters parameters) {
        return new LinearUnit(target, parameters, shape.format());
    }

    AttentionUnit attention(DesignParameters parameters) {
        return new AttentionUnit(target, parameters, shape.format());
    }

    NormUnit norm(DesignParameters parameters) {
        return new NormUnit(target, parameters, shape.format());
    }

    RouteUnit route(DesignParameters parameters) {
        return new RouteUnit(target, parameters, shape.format());
    }

    Infrastructure infrastructure(DesignParameters parameters) {
        return new Infrastructure(target, parameters, shape.format());
    }
}
