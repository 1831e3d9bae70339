package tilewright.compiler.plan;

/**
 * Estimate of one step on one image.
 *
 * @param name of the step
 * @param block that it belongs to
 * @param unit that runs it: linear, attention, norm or route
 * @param macs multiply-accumulates, without padding
 * @param work time and traffic
 */
public record StepEstimate(String name, String block, String unit, double macs, Work work) {}
