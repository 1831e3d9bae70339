package tilewright.compiler.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TableFunction;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.Program;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;

/**
 * What the cost of a program depends on: its steps' sizes, without parameters.
 *
 * @param name of the model
 * @param format widths
 * @param softmax widths of every softmax
 * @param imageBytes bytes of one image
 * @param externalBytes memory that the program needs outside the fabric: parameters of all tasks and buffers, unpadded
 * @param tasks at least one
 */
public record ProgramShape(
        String name,
        IntegerFormat format,
        SoftmaxFormat softmax,
        long imageBytes,
        long externalBytes,
        List<TaskShape> tasks) {
    /** Copies the list. */
    public ProgramShape {
        tasks = List.copyOf(tasks);
        if (tasks.isEmpty()) {
            throw new IllegalArgumentException(name + ": a program without tasks cannot be planned");
        }
    }

    /** The shape of a program. */
    public static ProgramShape of(Program program) {
        List<TaskShape> tasks = new ArrayList<>();
        for (TaskProgram task : program.tasks()) {
            tasks.add(new TaskShape(
                    task.task(),
                    steps(task, program.format()),
                    (long) task.result().tokens()
                            * task.result().features()
                            * RowShape.of(task.result()).memoryBits()
                            / Byte.SIZE));
        }
        return new ProgramShape(
                program.name(),
                program.format(),
                program.softmax(),
                program.geometry().imageBytes(),
                externalBytes(program),
                tasks);
    }

    /** All steps of all tasks. */
    public Stream<StepShape> steps() {
        return tasks.stream().flatMap(task -> task.steps().stream());
    }

    /** The steps of one kind, of all tasks. */
    <T extends StepShape> Stream<T> steps(Class<T> kind) {
        return steps().filter(kind::isInstance).map(kind::cast);
    }

    private static List<StepShape> steps(TaskProgram task, IntegerFormat format) {
        List<StepShape> steps = new ArrayList<>();
        int topK = 0;
        for (Step step : task.steps()) {
            if (step instanceof Step.Route route) {
                topK = route.topK();
            }
            steps.add(shape(step, format, topK));
        }
        return steps;
    }

    private static StepShape shape(Step step, IntegerFormat format, int topK) {
        return switch (step) {
            case Step.Embed s ->
                new StepShape.Embed(
                        s.name(),
                        s.block(),
                        s.geometry(),
                        s.output().tokens(),
                        RowShape.of(s.geometry().patchSize(), format.activationBits()),
                        RowShape.of(s.output()));
            case Step.Norm s ->
                new StepShape.Norm(
                        s.name(), s.block(), s.tokens().count(), RowShape.of(s.input()), RowShape.of(s.output()));
            case Step.Linear s ->
                new StepShape.Linear(
                        s.name(),
                        s.block(),
                        s.tokens().count(),
                        RowShape.of(s.input()),
                        RowShape.of(s.output()),
                        s.accumulate(),
                        tableEntries(s.activation()));
            case Step.Attention s ->
                new StepShape.Attention(
                        s.name(),
                        s.block(),
                        s.input().tokens(),
                        s.heads(),
                        s.input().groupSize(),
                        RowShape.of(s.input()),
                        RowShape.of(s.output()));
            case Step.Route s ->
                new StepShape.Route(
                        s.name(),
                        s.block(),
                        s.input().tokens(),
                        RowShape.of(s.input()),
                        s.linear().outputs(),
                        s.topK());
            case Step.Experts s ->
                new StepShape.Experts(
                        s.name(),
                        s.block(),
                        s.input().tokens(),
                        s.first().size(),
                        topK,
                        RowShape.of(s.input()),
                        RowShape.of(s.hidden()),
                        RowShape.of(s.output()),
                        tableEntries(s.activation()));
        };
    }

    private static int tableEntries(ActivationUnit activation) {
        return switch (activation) {
            case null -> 0;
            case TableFunction table -> table.values().length;
            case EvenResidualFunction function -> function.table().length;
        };
    }

    private static long externalBytes(Program program) {
        long bytes = program.geometry().imageBytes();
        bytes += program.buffers().values().stream()
                .mapToLong(
                        b -> (long) b.tokens() * b.features() * RowShape.of(b).memoryBits() / Byte.SIZE)
                .sum();
        // Tasks share their layers: only routers and heads differ, and a layer of a name is stored once.
        Map<String, Long> layers = new HashMap<>();
        for (TaskProgram task : program.tasks()) {
            for (Step step : task.steps()) {
                layers.put(layerName(step), parameterBytes(step, program.format()));
            }
        }
        return bytes + layers.values().stream().mapToLong(Long::longValue).sum();
    }

    private static String layerName(Step step) {
        return switch (step) {
            case Step.Embed s -> s.linear().name();
            case Step.Linear s -> s.linear().name();
            case Step.Route s -> s.linear().name();
            case Step.Norm s -> s.name();
            case Step.Attention s -> s.name();
            case Step.Experts s -> s.name();
        };
    }

    private static long parameterBytes(Step step, IntegerFormat format) {
        return switch (step) {
            case Step.Embed s ->
                layerBytes(s.linear(), format.weightBits())
                        + (long) s.table().length * RowShape.of(s.output()).memoryBits() / Byte.SIZE;
            case Step.Linear s -> layerBytes(s.linear(), format.weightBits());
            case Step.Route s -> layerBytes(s.linear(), IntegerFormat.ROUTER_WEIGHT_BITS);
            case Step.Experts s ->
                Stream.concat(s.first().stream(), s.second().stream())
                        .mapToLong(layer -> layerBytes(layer, format.weightBits()))
                        .sum();
            case Step.Norm s -> (long) s.parameters().gammas().length * Coefficients.PARAMETER_WORD_BYTES;
            case Step.Attention s -> 0;
        };
    }

    private static long layerBytes(LinearParameters layer, int weightBits) {
        return (long) layer.weights().length * weightBits / Byte.SIZE
                + (long) layer.outputs() * Coefficients.PARAMETER_WORD_BYTES;
    }
}
