package tilewright.compiler.plan;

import java.util.List;
import tilewright.hw.arith.Exp2Table;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.program.IntegerFormat;

/**
 * Cost of the attention unit.
 *
 * <p>Per head queries, keys and values come on chip once; then for each group of queries every key streams by once, then
 * every value, the two overlapped over groups. Uses lanes and queryGroup.
 */
final class AttentionUnit {
    static final int STEP_BITS = 9;

    private final Target target;
    private final DesignParameters parameters;
    private final IntegerFormat format;

    AttentionUnit(Target target, DesignParameters parameters, IntegerFormat format) {
        this.target = target;
        this.parameters = parameters;
        this.format = format;
    }

    /** Work of an attention step. */
    Work attention(StepShape.Attention step) {
        int group = parameters.queryGroup();
        int words = step.output().wordsPerGroup(parameters.lanes());
        double wordBytes = Target.wordBytes(step.output(), parameters);
        double wordCycles = target.wordCycles(wordBytes);
        double headWords = (double) step.tokens() * words;
        int groups = (step.tokens() + group - 1) / group;
        double loadBytes = 3 * headWords * wordBytes;
        double load = Math.max(3 * headWords * wordCycles, target.memoryCycles(loadBytes));
        double storeBytes = group * words * wordBytes;
        double store = Math.max(group * words * wordCycles, target.memoryCycles(storeBytes));
        // The reciprocals of a group follow each other through one divider.
        double reciprocals = Coefficients.RECIPROCAL_CYCLES + group;
        double interval = Math.max(headWords, Math.max(reciprocals, store));
        double head = load
                + group * words
                + 2 * headWords
                + reciprocals
                + store
                + (groups - 1) * interval
                + 2 * target.latency()
                + Coefficients.PIPELINE_DEPTH_CYCLES;
        double bytes = step.heads() * (loadBytes + headWords * wordBytes);
        return new Work(
                step.heads() * groups * headWords, target.memoryCycles(bytes), step.heads() * head, 0, 0, bytes);
    }

    /** Resources for all attention steps of a program. */
    ResourceUse resources(ProgramShape shape) {
        if (shape.steps(StepShape.Attention.class).findAny().isEmpty()) {
            return ResourceUse.NONE;
        }
        int group = parameters.queryGroup();
        int lanes = parameters.lanes();
        int macs = group * lanes;
        int probabilityBits = shape.softmax().probabilityBits() + 1;
        int softmax = softmaxDsp(target, shape.softmax());
        DspUse dsp = new DspUse(
                0,
                macs * target.dsp(format.activationBits(), format.activationBits())
                        + macs * target.dsp(probabilityBits + 1, format.activationBits())
                        + group * softmax,
                0,
                0,
                (group + lanes) * target.requantiserDsp(format));
        int words = shape.steps(StepShape.Attention.class)
                .mapToInt(s -> s.output().wordsPerGroup(lanes))
                .max()
                .orElseThrow();
        double requantisers = (group + lanes) * Target.requantiserLut(format);
        double lut = Target.macLut(format, 2 * macs)
                + target.lut(requantisers + group * Coefficients.SOFTMAX_LUT + Coefficients.RECIPROCAL_LUT);
        // The sums of a whole head per query are registers, double-buffered.
        double ff = Target.macFf(format, 2 * macs)
                + requantisers * Coefficients.REQUANTISER_FF_PER_LUT
                + group * Coefficients.SOFTMAX_FF
                + Coefficients.RECIPROCAL_LUT * Coefficients.FF_PER_LUT
                + 2.0 * macs * words * format.accumulatorBits();
        return ResourceUse.of(dsp, lut, ff, buffers(shape, words));
    }

    /** DSP blocks of a softmax: two interpolated powers and the product of mantissa and reciprocal. */
    static int softmaxDsp(Target target, SoftmaxFormat format) {
        return 2 * target.dsp(format.mantissaBits() + 2, STEP_BITS) + target.dsp(format.mantissaBits() + 3, 26);
    }

    private List<BufferPlacement> buffers(ProgramShape shape, int words) {
        OnChipMemory memory = target.memory();
        int group = parameters.queryGroup();
        int width = parameters.lanes() * format.activationBits();
        int tokens = shape.steps(StepShape.Attention.class)
                .mapToInt(StepShape.Attention::tokens)
                .max()
                .orElseThrow();
        return List.of(
                memory.place("queries", 1, width, tokens * words),
                memory.place("keys", 1, width, tokens * words),
                memory.place("values", 1, width, tokens * words),
                memory.place("scores", Coefficients.SCORE_BANKS * group, SoftmaxFormat.SCORE_BITS, tokens),
                memory.place("query_group", 2 * group, width, words),
                memory.placeTwoReads(
                        "exp2_tables", 2 * group, shape.softmax().mantissaBits() + 2, (1 << Exp2Table.INDEX_BITS) + 1));
    }
}
