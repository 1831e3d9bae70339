package tilewright.compiler.plan;

/**
 * Estimate of one part of the model on one image: the sum of its steps, which run one after the other.
 *
 * @param block its name
 * @param macs multiply-accumulates, without padding
 * @param work time and traffic
 */
public record BlockEstimate(String block, double macs, Work work) {}
