package tilewright.compiler.build;

import java.util.List;

/**
 * What a verification found.
 *
 * @param images number of images
 * @param tasks one entry per task
 * @param floatComparison why the float model was not compared, or null when it was
 * @param compileSeconds time that compiling the C++ took; near zero when it was cached
 */
public record VerifyResult(int images, List<TaskAgreement> tasks, String floatComparison, double compileSeconds) {
    /** Whether the design computed every value as the integer model did. */
    public boolean agrees() {
        return tasks.stream()
                .allMatch(task ->
                        task.mismatches() == 0 && task.blocks().stream().allMatch(block -> block.mismatches() == 0));
    }

    /** Values that differ, results and blocks together. */
    public long mismatches() {
        return tasks.stream()
                .mapToLong(task -> task.mismatches()
                        + task.blocks().stream()
                                .mapToLong(BlockAgreement::mismatches)
                                .sum())
                .sum();
    }

    /**
     * One task.
     *
     * @param values result values compared between the C simulation and the integer model
     * @param mismatches those that differ
     * @param reference how the integer model compares with the float model; null when that was not run
     * @param blocks one entry per block, when asked for
     */
    public record TaskAgreement(
            String task, long values, long mismatches, FloatAgreement reference, List<BlockAgreement> blocks) {}

    /**
     * The integer model against the float model.
     *
     * @param classified whether the result is one row of class scores
     * @param changedPredictions images whose best class differs; 0 when not classified
     * @param labelled images with labels; 0 when there are none
     * @param correctFloat images that the float model classifies rightly
     * @param correctInteger images that the integer model classifies rightly
     * @param outputError relative L2 error of the results, all images together
     * @param routings tokens routed, all layers and images together
     * @param routingFlips tokens whose set of experts differs
     */
    public record FloatAgreement(
            boolean classified,
            long changedPredictions,
            long labelled,
            long correctFloat,
            long correctInteger,
            double outputError,
            long routings,
            long routingFlips) {}

    /**
     * One block: the C simulation against the integer model, and the integer model against the float model.
     *
     * @param mismatches values of the residual stream and of the routing that differ, free-running and forced
     * @param freeError relative L2 error of the block's output with all earlier blocks in integers; NaN without float model
     * @param forcedError the same with the block's input set to the float model's; NaN without float model
     * @param routings tokens that the block's router routed
     * @param freeFlips of them, those with another set of experts than in the float model
     * @param forcedFlips the same with the block's input forced
     */
    public record BlockAgreement(
            String block,
            long mismatches,
            double freeError,
            double forcedError,
            long routings,
            long freeFlips,
            long forcedFlips) {}
}
