package tilewright.compiler.plan;

import java.util.List;
import tilewright.hw.arith.LayerNormUnit;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.program.IntegerFormat;

/**
 * Cost of the LayerNorm unit: read a row, statistics, root, normalise, overlapped over rows. Uses lanes and normLanes.
 */
final class NormUnit {
    private static final int PASSES_OVER_ROW = 3;
    private static final int CENTRED_EXTRA_BITS = 10;
    private static final int INVERSE_BITS = 33;
    private static final int NORMALISED_BITS = LayerNormUnit.NORMALISED_FRACTION + 3;

    private final Target target;
    private final DesignParameters parameters;
    private final IntegerFormat format;

    NormUnit(Target target, DesignParameters parameters, IntegerFormat format) {
        this.target = target;
        this.parameters = parameters;
        this.format = format;
    }

    /** Work of a LayerNorm step. */
    Work norm(StepShape.Norm step) {
        int words = step.input().words(parameters.lanes());
        double inputWordBytes = Target.wordBytes(step.input(), parameters);
        double outputWordBytes = Target.wordBytes(step.output(), parameters);
        double rowBytes = words * (inputWordBytes + outputWordBytes);
        double lanesCycles = (double) words * parameters.lanes() / parameters.normLanes();
        // A row waits for its inverse root in a stream of a few rows: they come no faster than it empties.
        double wait = (Coefficients.NORM_INVERSE_CYCLES + lanesCycles) / Coefficients.NORM_ROWS_IN_FLIGHT;
        double interval = Math.max(
                Math.max(lanesCycles, wait),
                Math.max(
                        words * Math.max(target.wordCycles(inputWordBytes), target.wordCycles(outputWordBytes)),
                        target.memoryCycles(rowBytes)));
        double parameterBytes = (double) step.input().features() * Coefficients.PARAMETER_WORD_BYTES;
        double load = Math.max(
                step.input().features() * target.wordCycles(Coefficients.PARAMETER_WORD_BYTES),
                target.memoryCycles(parameterBytes));
        double activationBytes = step.rows() * rowBytes;
        return new Work(
                step.rows() * lanesCycles,
                target.memoryCycles(parameterBytes + activationBytes),
                load
                        + step.rows() * interval
                        + PASSES_OVER_ROW * lanesCycles
                        + Coefficients.NORM_INVERSE_CYCLES
                        + 3 * target.latency()
                        + Coefficients.PIPELINE_DEPTH_CYCLES,
                0,
                parameterBytes,
                activationBytes);
    }

    /** Resources for all LayerNorm steps of a program. */
    ResourceUse resources(ProgramShape shape) {
        int features = shape.steps(StepShape.Norm.class)
                .mapToInt(step -> step.input().features())
                .max()
                .orElse(0);
        if (features == 0) {
            return ResourceUse.NONE;
        }
        int lanes = parameters.normLanes();
        int centredBits = format.residualBits() + CENTRED_EXTRA_BITS;
        int perLane = target.dsp(centredBits, centredBits)
                + target.dsp(centredBits, INVERSE_BITS)
                + target.dsp(NORMALISED_BITS, LayerNormUnit.GAMMA_BITS);
        double lut = lanes * Coefficients.NORM_LUT_PER_LANE + Coefficients.NORM_INVERSE_LUT;
        int slices = (features + lanes - 1) / lanes;
        int held = Coefficients.NORM_ROWS_IN_FLIGHT * slices;
        OnChipMemory memory = target.memory();
        List<BufferPlacement> buffers = List.of(
                memory.place("norm_slices", 1, lanes * format.residualBits(), held),
                memory.place("norm_centred", 1, lanes * centredBits, held),
                memory.place("norm_gammas", lanes, LayerNormUnit.GAMMA_BITS, slices),
                memory.place("norm_betas", lanes, LayerNormUnit.BETA_BITS, slices));
        return ResourceUse.of(
                new DspUse(0, 0, lanes * perLane, 0, 0), target.lut(lut), lut * Coefficients.FF_PER_LUT, buffers);
    }
}
