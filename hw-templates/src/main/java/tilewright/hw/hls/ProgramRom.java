package tilewright.hw.hls;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import tilewright.hw.arith.ActivationUnit;
import tilewright.hw.arith.EvenResidualFunction;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.arith.TableFunction;
import tilewright.hw.hls.MemoryMap.Location;
import tilewright.hw.hls.MemoryMap.Memory;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.LinearParameters;
import tilewright.hw.program.Program;
import tilewright.hw.program.Step;
import tilewright.hw.program.TaskProgram;
import tilewright.hw.program.TokenRange;

/**
 * The instruction ROM of a design: the jobs of each unit and the steps of each task, as lines of C++.
 *
 * <p>Building it packs the program's weights and parameters. Equal jobs of different tasks are one line.
 */
public final class ProgramRom {
    private static final String NO_ACTIVATION = "{NO_ACTIVATION, 0, 0, 0}";
    private static final String NO_EXPERT = "NO_EXPERT";

    /** The tables of jobs, each with the names of its columns. */
    enum Table {
        EMBED("patches, layer, before {from, to, words}, after {from, to, words}"),
        NORM("rows, input, output, features, words, fraction, epsilon, shift, parameters"),
        LINEAR("rows, input, input_words, output, output_words, to_residual, accumulate, addend, weights, channels,"
                + " activation {parameters, entries, multiplier, shift}, gather, scatter"),
        ATTENTION("tokens, heads, head_words, input, output, score multiplier, shift, context multiplier, shift"),
        ROUTE("tokens, experts, top_k, over_selected, input, input_words, output, output_words, weights, channels"),
        EXPERTS("first layer, second layer, strides of first weights, channels, second weights, channels");

        private final String columns;

        Table(String columns) {
            this.columns = columns;
        }
    }

    private final Program program;
    private final DesignParameters parameters;
    private final MemoryMap map;
    private final WeightImage weights;
    private final ParameterImage constants = new ParameterImage();
    private final DesignSizes sizes = new DesignSizes();
    private final Map<Table, Map<String, String>> jobs = new LinkedHashMap<>();
    private final List<List<String>> instructions = new ArrayList<>();

    /**
     * Lowers a program to jobs.
     *
     * @throws IllegalArgumentException naming the step that the design cannot run, and why
     * @throws ArithmeticException naming a layer whose accumulator could overflow
     */
    public ProgramRom(Program program, DesignParameters parameters, MemoryMap map) {
        this.program = program;
        this.parameters = parameters;
        this.map = map;
        weights = new WeightImage(parameters, program.format());
        for (Table table : Table.values()) {
            jobs.put(table, new LinkedHashMap<>());
        }
        for (TaskProgram task : program.tasks()) {
            map.location(task.result());
            List<String> lines = new ArrayList<>();
            for (Step step : task.steps()) {
                lines.add(instruction(task, step));
            }
            instructions.add(lines);
        }
    }

    /** The weight memory. */
    public WeightImage weights() {
        return weights;
    }

    /** The parameter memory. */
    public ParameterImage constants() {
        return constants;
    }

    /** The largest of each thing that the program uses. */
    DesignSizes sizes() {
        return sizes;
    }

    /** The lines of a table of jobs. */
    String lines(Table table) {
        StringJoiner lines = new StringJoiner("\n");
        lines.add("    // " + table.columns);
        if (jobs.get(table).isEmpty()) {
            lines.add("    {}  // this model has none");
        }
        jobs.get(table).forEach((line, comment) -> lines.add("    " + line + ",  // " + comment));
        return lines.toString();
    }

    /** The steps of all tasks. */
    String instructionLines() {
        StringJoiner lines = new StringJoiner("\n");
        for (int task = 0; task < instructions.size(); task++) {
            lines.add("    // task " + task + ": "
                    + comment(program.tasks().get(task).task()));
            lines.add("    {");
            instructions.get(task).forEach(line -> lines.add("        " + line));
            lines.add("    },");
        }
        return lines.toString();
    }

    private String instruction(TaskProgram task, Step step) {
        Table table = switch (step) {
            case Step.Embed embed -> Table.EMBED;
            case Step.Norm norm -> Table.NORM;
            case Step.Linear linear -> Table.LINEAR;
            case Step.Attention attention -> Table.ATTENTION;
            case Step.Route route -> Table.ROUTE;
            case Step.Experts experts -> Table.EXPERTS;
        };
        String job = switch (step) {
            case Step.Embed embed -> embed(embed);
            case Step.Norm norm -> norm(norm);
            case Step.Linear linear -> linear(linear);
            case Step.Attention attention -> attention(attention);
            case Step.Route route -> route(route);
            case Step.Experts experts -> experts(task, experts);
        };
        Map<String, String> lines = jobs.get(table);
        lines.putIfAbsent(job, lines.size() + ": " + comment(step.name()));
        int number = new ArrayList<>(lines.keySet()).indexOf(job);
        return "{UNIT_" + table + ", " + number + "},  // " + comment(step.name()) + " (" + comment(step.block()) + ")";
    }

    private String embed(Step.Embed step) {
        require(step.geometry().equals(program.geometry()), step, "its images differ from the program's");
        Location output = location(step, Memory.RESIDUALS, step.output());
        Location table = map.table(step);
        int patches = step.geometry().patches();
        int first = step.firstPatchToken();
        int behind = first + patches;
        require(first >= 0 && behind <= output.tokens(), step, "its patches exceed the " + output.tokens() + " tokens");
        String layer = new LinearJob(step, step.linear(), map.patches(), output)
                .rows(patches)
                .output(output.row(first), table.row(first))
                .line();
        int words = output.layout().words();
        return "{" + map.patches().firstWord() + ", " + layer + ", " + table.row(0) + ", " + output.row(0) + ", "
                + first * words + ", " + table.row(behind) + ", " + output.row(behind) + ", "
                + (output.tokens() - behind) * words + "}";
    }

    private String norm(Step.Norm step) {
        Location input = location(step, Memory.RESIDUALS, step.input());
        Location output = location(step, Memory.ACTIVATIONS, step.output());
        checkRange(step, step.tokens(), input.tokens());
        checkRange(step, step.tokens(), output.tokens());
        int features = input.layout().features();
        require(
                input.layout().groups() == 1 && output.layout().equals(input.layout()),
                step,
                "LayerNorm needs rows without groups, of one length");
        int fraction = new LayerNormUnit(features, program.format().residualBits()).fractionBits();
        sizes.norm(step.tokens().count(), input.layout().words());
        // A result has 48 bits before this shift: a larger shift leaves nothing either.
        int shift = Math.min(step.parameters().shift(), LayerNormUnit.BETA_BITS + 1);
        int first = step.tokens().first();
        return "{" + step.tokens().count() + ", " + input.row(first) + ", " + output.row(first) + ", " + features
                + ", " + input.layout().words() + ", " + fraction + ", "
                + step.parameters().epsilon() + "LL, " + shift + ", "
                + constants.addNorm(step.parameters(), input.layout()) + "}";
    }

    private String linear(Step.Linear step) {
        Location input = location(step, Memory.ACTIVATIONS, step.input());
        Location output = map.location(step.output());
        require(!step.input().name().equals(step.output().name()), step, "it writes the buffer that it reads");
        checkRange(step, step.tokens(), input.tokens());
        require(step.tokens().count() <= output.tokens(), step, "its output has only " + output.tokens() + " rows");
        LinearJob job = new LinearJob(step, step.linear(), input, output)
                .rows(step.tokens().count())
                .from(step.tokens().first())
                .activation(step.activation());
        if (step.accumulate()) {
            require(
                    output.memory() == Memory.RESIDUALS,
                    step,
                    "it adds to '" + step.output().name() + "' of "
                            + step.output().bits() + " bits; only buffers of the residual width can be added to");
            job.output(output.firstWord(), output.firstWord());
        }
        return job.line();
    }

    private String attention(Step.Attention step) {
        Location input = location(step, Memory.ACTIVATIONS, step.input());
        Location output = location(step, Memory.ACTIVATIONS, step.output());
        int size = output.layout().groupSize();
        require(
                input.layout().groups() == 3 * step.heads()
                        && output.layout().groups() == step.heads()
                        && input.layout().groupSize() == size
                        && input.tokens() == output.tokens(),
                step,
                "queries, keys, values and output do not have the same heads");
        checkSoftmax(step, input.tokens());
        step.requireAccumulator(program.softmax(), program.format().accumulatorBits());
        sizes.attention(input.tokens(), step.heads(), output.layout().groupWords());
        Requantizer score = requantizer(step.score());
        Requantizer context = requantizer(step.context());
        return "{" + input.tokens() + ", " + step.heads() + ", "
                + output.layout().groupWords() + ", " + input.firstWord() + ", " + output.firstWord() + ", "
                + score.multiplier() + ", " + score.shift() + ", " + context.multiplier() + ", " + context.shift()
                + "}";
    }

    private String route(Step.Route step) {
        Location input = location(step, Memory.ACTIVATIONS, step.input());
        Location output = location(step, Memory.RESIDUALS, step.output());
        int experts = step.linear().outputs();
        require(
                step.topK() >= 1 && step.topK() <= experts,
                step,
                "top " + step.topK() + " of " + experts + " experts cannot be selected");
        checkSoftmax(step, experts);
        step.linear().requireAccumulator(program.format().activationBits(), IntegerFormat.ROUTER_ACCUMULATOR_BITS);
        sizes.route(input.tokens(), experts, step.topK(), input.layout().words());
        return "{" + input.tokens() + ", " + experts + ", " + step.topK() + ", "
                + step.overSelected() + ", " + input.firstWord() + ", "
                + input.layout().words() + ", " + output.firstWord() + ", "
                + output.layout().words() + ", " + constants.addRouterWeights(step.linear(), input.layout()) + ", "
                + constants.addChannels(
                        List.of(step.linear()),
                        experts,
                        new RowLayout(1, experts, parameters.lanes()),
                        IntegerFormat.ROUTER_ACCUMULATOR_BITS)
                + "}";
    }

    private String experts(TaskProgram task, Step.Experts step) {
        Location input = location(step, Memory.ACTIVATIONS, step.input());
        Location hidden = location(step, Memory.ACTIVATIONS, step.hidden());
        Location output = location(step, Memory.RESIDUALS, step.output());
        int experts = step.first().size();
        require(step.second().size() == experts, step, "its two layers have different numbers of experts");
        for (Step other : task.steps()) {
            require(
                    !(other instanceof Step.Route route) || route.linear().outputs() <= experts,
                    step,
                    "a router of the task knows more than its " + experts + " experts");
        }
        require(
                hidden.tokens() >= input.tokens() && output.tokens() == input.tokens(),
                step,
                "its hidden buffer or its output has fewer rows than its input");
        sizes.experts(input.tokens(), experts);
        LinearJob first = new LinearJob(step, step.first(), input, hidden).activation(step.activation());
        LinearJob second =
                new LinearJob(step, step.second(), hidden, output).output(output.firstWord(), output.firstWord());
        return "{" + first.line() + ", " + second.line() + ", " + first.strides() + ", " + second.strides() + "}";
    }

    /** The fields of one job of the linear unit. */
    private final class LinearJob {
        private final Step step;
        private final List<LinearParameters> layers;
        private final Location source;
        private final Location target;
        private int rows;
        private int input;
        private int output;
        private boolean accumulate;
        private int addend;
        private String activation = NO_ACTIVATION;

        LinearJob(Step step, LinearParameters layer, Location source, Location target) {
            this(step, List.of(layer), source, target);
        }

        LinearJob(Step step, List<LinearParameters> layers, Location source, Location target) {
            this.step = step;
            this.layers = layers;
            this.source = source;
            this.target = target;
            input = source.firstWord();
            output = target.firstWord();
            for (LinearParameters layer : layers) {
                require(
                        layer.outputs() == target.layout().features()
                                && layer.inputs() == source.layout().features(),
                        step,
                        "layer '" + layer.name() + "' is [" + layer.outputs() + ", " + layer.inputs()
                                + "], its buffers have " + target.layout().features() + " and "
                                + source.layout().features() + " features");
                layer.requireAccumulator(
                        program.format().activationBits(), program.format().accumulatorBits());
            }
        }

        LinearJob rows(int count) {
            rows = count;
            sizes.rows(count);
            return this;
        }

        LinearJob from(int token) {
            input = source.row(token);
            return this;
        }

        LinearJob output(int word, int addendWord) {
            output = word;
            addend = addendWord;
            accumulate = true;
            return this;
        }

        LinearJob activation(ActivationUnit unit) {
            switch (unit) {
                case null -> activation = NO_ACTIVATION;
                case TableFunction table -> {
                    require(program.format().activationBits() == 8, step, "a table activation needs 8-bit activations");
                    activation = "{" + constants.addActivation(table) + ", " + table.values().length + ", 0, 0}";
                    sizes.activation(table.values().length);
                }
                case EvenResidualFunction even -> {
                    require(
                            program.format().activationBits() == 16,
                            step,
                            "an even-table activation needs 16-bit" + " activations");
                    for (int entry : even.table()) {
                        require(
                                Math.abs((long) entry) <= DesignSizes.MAX_EVEN_ENTRY,
                                step,
                                "its activation table" + " holds " + entry + ", at most " + DesignSizes.MAX_EVEN_ENTRY
                                        + " is possible");
                    }
                    Requantizer scale = ParameterImage.effective(even.output(), DesignSizes.EXACT_BITS);
                    activation = "{" + constants.addActivation(even) + ", " + even.table().length + ", "
                            + scale.multiplier() + ", " + scale.shift() + "}";
                    sizes.activation(even.table().length);
                }
            }
            return this;
        }

        String line() {
            int blocks = weights.blocks(target.layout());
            sizes.linear(source.layout().words(), blocks);
            int firstWeight = weights.add(layers, source.layout(), target.layout());
            int firstChannel = constants.addChannels(
                    layers,
                    blocks * parameters.tileOutputs(),
                    target.layout(),
                    program.format().accumulatorBits());
            return "{" + rows + ", " + input + ", " + source.layout().words() + ", " + output + ", "
                    + target.layout().words() + ", " + (target.memory() == Memory.RESIDUALS) + ", " + accumulate + ", "
                    + addend + ", " + firstWeight + ", " + firstChannel + ", " + activation + ", " + NO_EXPERT + ", "
                    + NO_EXPERT + "}";
        }

        String strides() {
            return weights.layerWords(source.layout(), target.layout()) + ", "
                    + weights.blocks(target.layout()) * parameters.tileOutputs();
        }
    }

    private Requantizer requantizer(Requantizer scale) {
        return ParameterImage.effective(scale, program.format().accumulatorBits());
    }

    private Location location(Step step, Memory memory, tilewright.hw.program.Buffer buffer) {
        Location location = map.location(buffer);
        require(
                location.memory() == memory,
                step,
                "buffer '" + buffer.name() + "' of " + buffer.bits() + " bits is not in the " + memory.label()
                        + " memory");
        return location;
    }

    private void checkSoftmax(Step step, int entries) {
        require(
                entries <= program.softmax().rowLength() && entries <= SoftmaxFormat.MAX_ROW,
                step,
                "softmax over " + entries + " entries, but the program's widths are for "
                        + program.softmax().rowLength());
    }

    private static void checkRange(Step step, TokenRange range, int tokens) {
        require(
                range.first() >= 0 && range.count() >= 1 && range.first() + range.count() <= tokens,
                step,
                "rows " + range.first() + " to " + (range.first() + range.count() - 1) + " of a buffer with " + tokens);
    }

    private static void require(boolean holds, Step step, String reason) {
        if (!holds) {
            throw new IllegalArgumentException("step '" + step.name() + "' cannot run on this design: " + reason);
        }
    }

    /** Names come from model files: in a comment they must stay on one line, and must not continue it. */
    static String comment(String name) {
        return name.replaceAll("[^\\x20-\\x7e]", "?").replace('\\', '/');
    }
}
