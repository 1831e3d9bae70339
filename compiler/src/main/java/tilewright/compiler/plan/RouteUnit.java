package tilewright.compiler.plan;

import java.util.List;
import tilewright.hw.arith.Exp2Table;
import tilewright.hw.arith.SoftmaxFormat;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.program.IntegerFormat;

/**
 * Cost of the router: the scores of a token overlap with softmax, top-k and queues of the one before. Uses lanes and routerExperts.
 */
final class RouteUnit {
    private final Target target;
    private final DesignParameters parameters;
    private final IntegerFormat format;

    RouteUnit(Target target, DesignParameters parameters, IntegerFormat format) {
        this.target = target;
        this.parameters = parameters;
        this.format = format;
    }

    /** Work of a router step. */
    Work route(StepShape.Route step) {
        int words = step.input().words(parameters.lanes());
        double wordBytes = Target.wordBytes(step.input(), parameters);
        int weightWords = Math.max(1, parameters.lanes() / Coefficients.ROUTER_WEIGHTS_PER_WORD);
        double parameterWords = (double) step.experts() * (words * weightWords + 1);
        double parameterBytes = parameterWords * Coefficients.PARAMETER_WORD_BYTES;
        double load = Math.max(
                parameterWords * target.wordCycles(Coefficients.PARAMETER_WORD_BYTES),
                target.memoryCycles(parameterBytes));
        double scores = (double) words * groups(step.experts());
        double idBytes = parameters.lanes() * (format.residualBits() <= 16 ? 2.0 : 4.0);
        // Softmax, its reciprocal and the queues of one token end before the next token's begin.
        double select =
                step.experts() + Coefficients.RECIPROCAL_CYCLES + step.topK() + Coefficients.PIPELINE_DEPTH_CYCLES;
        double interval = Math.max(
                Math.max(scores, select),
                Math.max(
                        Math.max(words * target.wordCycles(wordBytes), target.wordCycles(idBytes)),
                        target.memoryCycles(words * wordBytes + idBytes)));
        double activationBytes = step.tokens() * (words * wordBytes + idBytes);
        return new Work(
                step.tokens() * scores,
                target.memoryCycles(parameterBytes + activationBytes),
                load + step.tokens() * interval + scores + 2.0 * step.experts() + 3 * target.latency(),
                0,
                parameterBytes,
                activationBytes);
    }

    private int groups(int experts) {
        return (experts + parameters.routerExperts() - 1) / parameters.routerExperts();
    }

    /** Resources for all router steps of a program. */
    ResourceUse resources(ProgramShape shape) {
        int experts = shape.steps(StepShape.Route.class)
                .mapToInt(StepShape.Route::experts)
                .max()
                .orElse(0);
        if (experts == 0) {
            return ResourceUse.NONE;
        }
        int topK = shape.steps(StepShape.Route.class)
                .mapToInt(StepShape.Route::topK)
                .max()
                .orElseThrow();
        int words = shape.steps(StepShape.Route.class)
                .mapToInt(step -> step.input().words(parameters.lanes()))
                .max()
                .orElseThrow();
        int lanes = parameters.routerExperts();
        int macs = lanes * parameters.lanes();
        // Every expert lane requantises its own score; one softmax takes the scores one after the other.
        DspUse dsp = new DspUse(
                0,
                0,
                0,
                macs * target.dsp(format.activationBits(), IntegerFormat.ROUTER_WEIGHT_BITS)
                        + AttentionUnit.softmaxDsp(target, shape.softmax()),
                lanes * target.dsp(IntegerFormat.ROUTER_ACCUMULATOR_BITS, 32));
        double vectorLut = lanes * Coefficients.REQUANTISER_LUT_16
                + Coefficients.SOFTMAX_LUT
                + Coefficients.RECIPROCAL_LUT
                + topK * Coefficients.TOP_K_LUT_PER_PLACE;
        IntegerFormat wide = new IntegerFormat(16);
        OnChipMemory memory = target.memory();
        return ResourceUse.of(
                dsp,
                Target.macLut(wide, macs) + target.lut(vectorLut),
                Target.macFf(wide, macs) + vectorLut * Coefficients.REQUANTISER_FF_PER_LUT,
                List.of(
                        memory.place(
                                "router_weights",
                                lanes,
                                parameters.lanes() * IntegerFormat.ROUTER_WEIGHT_BITS,
                                words * groups(experts)),
                        memory.place("router_scores", 1, lanes * SoftmaxFormat.SCORE_BITS, 2 * groups(experts)),
                        memory.placeTwoReads(
                                "router_exp2_tables",
                                2,
                                shape.softmax().mantissaBits() + 2,
                                (1 << Exp2Table.INDEX_BITS) + 1)));
    }
}
