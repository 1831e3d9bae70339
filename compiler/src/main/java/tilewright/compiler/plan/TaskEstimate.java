package tilewright.compiler.plan;

import java.util.List;

/**
 * Estimate of one task on one image.
 *
 * @param task its name
 * @param steps in order
 * @param blocks in order, sums of the steps
 * @param macs multiply-accumulates, without padding
 * @param work the sum of all steps
 * @param milliseconds latency of an image at the design's clock
 * @param imagesPerSecond one image after the other
 * @param bound the least time, and the fraction reached
 * @param energy coarse
 */
public record TaskEstimate(
        String task,
        List<StepEstimate> steps,
        List<BlockEstimate> blocks,
        double macs,
        Work work,
        double milliseconds,
        double imagesPerSecond,
        Bound bound,
        Energy energy) {
    /** Copies the lists. */
    public TaskEstimate {
        steps = List.copyOf(steps);
        blocks = List.copyOf(blocks);
    }

    /** Cycles per image, rounded up. */
    public long cycles() {
        return (long) Math.ceil(work.cycles());
    }
}
