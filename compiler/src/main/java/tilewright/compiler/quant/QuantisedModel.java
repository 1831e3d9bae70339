package tilewright.compiler.quant;

import java.util.List;
import java.util.Map;
import tilewright.hw.program.Program;

/**
 * An integer program and how its scales were found.
 *
 * @param program all tasks
 * @param policy the policy of the scales
 * @param outputErrors median relative L2 error of the outputs on calibration images under each policy; empty when the model was too
 *     large to try them, and then the policy is the one with the least error per tensor
 * @param tensors one entry per calibrated value
 * @param routing how often each router step chose each expert, by task and step
 * @param images number of calibration images
 */
public record QuantisedModel(
        Program program,
        ScalePolicy policy,
        Map<ScalePolicy, Double> outputErrors,
        List<TensorScale> tensors,
        Map<String, Map<String, long[]>> routing,
        int images) {}
