package tilewright.compiler.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.program.IntegerFormat;
import tilewright.hw.program.PatchGeometry;

/**
 * Cost of the linear unit: all linear layers, the patch embedding and both layers of every expert.
 *
 * <p>A job loads its input rows, then works on one block of outputs after the other: load weights, multiply, finish, the
 * three overlapped. Rows beyond the token tile take another pass over the weights. Uses lanes, tileOutputs, tokenTile,
 * weightPorts and both storages.
 */
final class LinearUnit {
    static final int TABLE_BITS = 32;
    private static final double ROUNDING = 1e-9;

    private final Target target;
    private final DesignParameters parameters;
    private final IntegerFormat format;

    LinearUnit(Target target, DesignParameters parameters, IntegerFormat format) {
        this.target = target;
        this.parameters = parameters;
        this.format = format;
    }

    /** Work of a linear layer. */
    Work linear(StepShape.Linear step) {
        return job(step.rows(), step.input(), step.output(), step.accumulate()).plus(table(step.tableEntries()));
    }

    /** Work of the patch embedding: patches to rows, the layer with the table as residual, the rows only copied. */
    Work embed(StepShape.Embed step) {
        int rowWords = step.output().words(parameters.lanes());
        double copied = (double) (step.tokens() - step.patches()) * rowWords;
        double wordBytes = Target.wordBytes(step.output(), parameters);
        double copyBytes = 2 * copied * wordBytes;
        Work copy = new Work(
                0,
                target.memoryCycles(copyBytes),
                copied * target.wordCycles(wordBytes) + target.latency(),
                0,
                0,
                copyBytes);
        return gather(step).plus(copy).plus(job(step.patches(), step.input(), step.output(), true));
    }

    /** Reading bands of the image and writing their patches as rows, overlapped over bands. */
    private Work gather(StepShape.Embed step) {
        PatchGeometry geometry = step.geometry();
        int bands = geometry.height() / geometry.patch();
        double bandChunks = (double) geometry.imageBytes() / bands / pixels(geometry);
        double patchBytes =
                step.patches() * step.input().words(parameters.lanes()) * Target.wordBytes(step.input(), parameters);
        double bytes = geometry.imageBytes() + patchBytes;
        return new Work(
                0,
                target.memoryCycles(bytes),
                (bands + 1) * bandChunks + 2 * target.latency() + Coefficients.PIPELINE_DEPTH_CYCLES,
                0,
                0,
                bytes);
    }

    /** Pixels of an image word: the largest power of two that divides patch and lanes. */
    private int pixels(PatchGeometry geometry) {
        return Math.min(Integer.lowestOneBit(geometry.patch()), parameters.lanes());
    }

    /**
     * Work of the experts of a layer.
     *
     * @param load expected tokens of each expert per image; an expert with less than one is visited in that share of
     *     the images
     */
    Work experts(StepShape.Experts step, double[] load) {
        Work work = table(step.tableEntries());
        Map<Integer, Double> visits = new TreeMap<>();
        for (double tokens : load) {
            visits.merge((int) Math.max(1, Math.ceil(tokens - ROUNDING)), Math.min(1, tokens), Double::sum);
        }
        for (Map.Entry<Integer, Double> visit : visits.entrySet()) {
            Work both = job(visit.getKey(), step.input(), step.hidden(), false)
                    .plus(job(visit.getKey(), step.hidden(), step.output(), true));
            work = work.plus(both.times(visit.getValue()));
        }
        return work;
    }

    /**
     * Work of one job.
     *
     * @param readsOutput whether the result is added to what memory holds
     */
    private Work job(int rows, RowShape input, RowShape output, boolean readsOutput) {
        int lanes = parameters.lanes();
        int inputWords = input.words(lanes);
        int outputsPerBlock = parameters.tileOutputs();
        int blocks = (output.words(lanes) * lanes + outputsPerBlock - 1) / outputsPerBlock;
        int finishWords = outputsPerBlock / lanes;
        double weightWordBytes = lanes * format.weightBits() / (double) Byte.SIZE;
        double inputWordBytes = Target.wordBytes(input, parameters);
        double outputWordBytes = Target.wordBytes(output, parameters);

        double weightWords = (double) outputsPerBlock * inputWords;
        double weightBytes = weightWords * weightWordBytes;
        double parameterBytes = (double) outputsPerBlock * Coefficients.PARAMETER_WORD_BYTES;
        double load = max(
                weightWords * target.wordCycles(weightWordBytes) / parameters.weightPorts(),
                outputsPerBlock * target.wordCycles(Coefficients.PARAMETER_WORD_BYTES),
                target.memoryCycles(weightBytes + parameterBytes));
        Work work = Work.NONE;
        for (int first = 0; first < rows; first += parameters.tokenTile()) {
            int tile = Math.min(parameters.tokenTile(), rows - first);
            double inputBytes = tile * inputWords * inputWordBytes;
            double inputLoad =
                    Math.max(tile * inputWords * target.wordCycles(inputWordBytes), target.memoryCycles(inputBytes));
            double multiply = (double) tile * inputWords;
            double outputBytes = (double) tile * finishWords * outputWordBytes * (readsOutput ? 2 : 1);
            double finish =
                    Math.max(tile * finishWords * target.wordCycles(outputWordBytes), target.memoryCycles(outputBytes));
            double interval = max(
                    load, Math.max(multiply, finish), target.memoryCycles(weightBytes + parameterBytes + outputBytes));
            double bytes = inputBytes + blocks * (weightBytes + parameterBytes + outputBytes);
            work = work.plus(new Work(
                    blocks * multiply,
                    target.memoryCycles(bytes),
                    inputLoad + load + multiply + finish + (blocks - 1) * interval + fill(),
                    blocks * weightBytes,
                    blocks * parameterBytes,
                    inputBytes + blocks * outputBytes));
        }
        return work;
    }

    /** What nothing hides in one pass: the first word of inputs, weights and results, and the pipeline's depth. */
    private double fill() {
        return 3 * target.latency() + Coefficients.PIPELINE_DEPTH_CYCLES;
    }

    /** Loading an activation table. */
    private Work table(int entries) {
        int entryBytes = format.activationBits() == 8 ? 1 : 4;
        double bytes = (double) entries * entryBytes;
        double words = Math.ceil(bytes / Coefficients.PARAMETER_WORD_BYTES);
        return entries == 0
                ? Work.NONE
                : new Work(0, target.memoryCycles(bytes), words + target.latency(), 0, bytes, 0);
    }

    /** DSP blocks of one multiply-accumulate. */
    int dspPerMac() {
        return target.dsp(format.weightBits(), format.activationBits());
    }

    /** Resources for all layers of a program. */
    ResourceUse resources(ProgramShape shape) {
        int lanes = parameters.lanes();
        int macs = lanes * parameters.tileOutputs();
        boolean wide = format.activationBits() != 8;
        boolean experts = shape.steps(StepShape.Experts.class).findAny().isPresent();
        int tableEntries = tableEntries(shape);
        int probabilityBits = shape.softmax().probabilityBits() + 2;
        int perLane = target.requantiserDsp(format)
                + (experts ? target.dsp(format.residualBits(), probabilityBits) : 0)
                // Slope times step, and the requantiser of the interpolated result.
                + (wide && tableEntries > 0 ? target.dsp(TABLE_BITS, 9) + target.dsp(32, 32) : 0);
        DspUse dsp = new DspUse(macs * dspPerMac(), 0, 0, 0, lanes * perLane);
        double vectorLut = lanes
                * (Target.requantiserLut(format)
                        + (experts ? Coefficients.COMBINE_LUT_PER_LANE : 0)
                        + (tableEntries == 0 ? 0 : activationLut(wide)));
        double lut = Target.macLut(format, macs) + target.lut(vectorLut);
        double ff = Target.macFf(format, macs) + vectorLut * Coefficients.REQUANTISER_FF_PER_LUT;
        return ResourceUse.of(dsp, lut, ff, buffers(shape, tableEntries));
    }

    private static double activationLut(boolean wide) {
        return wide
                ? Coefficients.INTERPOLATION_LUT_PER_LANE + Coefficients.REQUANTISER_LUT_8
                : Coefficients.TABLE_LUT_PER_LANE;
    }

    private List<BufferPlacement> buffers(ProgramShape shape, int tableEntries) {
        OnChipMemory memory = target.memory();
        int lanes = parameters.lanes();
        int depth = inputWords(shape);
        int blockWords = parameters.tileOutputs() / lanes;
        List<BufferPlacement> buffers = new ArrayList<>();
        buffers.add(memory.place(
                "weight_tile",
                parameters.weightStorage(),
                2 * parameters.tileOutputs(),
                lanes * format.weightBits(),
                depth));
        buffers.add(memory.place(
                "input_tile",
                parameters.inputStorage(),
                1,
                lanes * format.activationBits(),
                parameters.tokenTile() * depth));
        buffers.add(memory.place(
                "channels", 2 * lanes, format.accumulatorBits() + Coefficients.CHANNEL_FACTOR_BITS, blockWords));
        buffers.add(memory.place("sums", 1, parameters.tileOutputs() * format.accumulatorBits(), 2));
        int tokens = parameters.tokenTile();
        buffers.add(memory.place("addends", 1, Infrastructure.residualWordBits(lanes, format), tokens * blockWords));
        buffers.add(memory.place("targets", 1, Coefficients.TARGET_BITS, tokens));
        if (tableEntries > 0) {
            buffers.add(
                    format.activationBits() == 8
                            ? memory.place("activation_table", lanes, Byte.SIZE, tableEntries)
                            : memory.placeTwoReads("activation_table", lanes, TABLE_BITS, tableEntries));
        }
        shape.steps(StepShape.Embed.class).findFirst().ifPresent(embed -> {
            PatchGeometry geometry = embed.geometry();
            int pixels = pixels(geometry);
            int chunks = geometry.channels() * geometry.patch() * geometry.width() / pixels;
            buffers.add(memory.place("image_band", 2, pixels * Byte.SIZE, chunks));
        });
        shape.steps(StepShape.Experts.class)
                .mapToInt(step -> step.experts() * step.tokens())
                .max()
                .ifPresent(slots -> {
                    buffers.add(memory.place("queue_tokens", 1, Integer.SIZE, slots));
                    buffers.add(memory.place(
                            "queue_probabilities", 1, shape.softmax().probabilityBits() + 1, slots));
                });
        return buffers;
    }

    private int inputWords(ProgramShape shape) {
        return shape.steps()
                .mapToInt(step -> switch (step) {
                    case StepShape.Embed s -> s.input().words(parameters.lanes());
                    case StepShape.Linear s -> s.input().words(parameters.lanes());
                    case StepShape.Experts s ->
                        Math.max(s.input().words(parameters.lanes()), s.hidden().words(parameters.lanes()));
                    case StepShape.Norm s -> 1;
                    case StepShape.Attention s -> 1;
                    case StepShape.Route s -> 1;
                })
                .max()
                .orElseThrow();
    }

    private static int tableEntries(ProgramShape shape) {
        return shape.steps()
                .mapToInt(step -> switch (step) {
                    case StepShape.Linear s -> s.tableEntries();
                    case StepShape.Experts s -> s.tableEntries();
                    case StepShape.Embed s -> 0;
                    case StepShape.Norm s -> 0;
                    case StepShape.Attention s -> 0;
                    case StepShape.Route s -> 0;
                })
                .max()
                .orElseThrow();
    }

    private static double max(double a, double b, double c) {
        return Math.max(a, Math.max(b, c));
    }
}
