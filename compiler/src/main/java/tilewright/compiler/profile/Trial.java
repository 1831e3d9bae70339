package tilewright.compiler.profile;

/**
 * What one allocation of bits did to the loss on calibration text, beside what the sum over its matrices had said.
 *
 * @param rule the allocator's name
 * @param bitsPerWeight mean bits of an expert weight, scales and zero points included
 * @param sum of the matrices' predicted losses, in nats per token
 * @param divergence measured mean Kullback-Leibler divergence of the quantised model's predictions from the model's, in nats per token
 * @param lossIncrease measured increase of the mean negative log likelihood of the text, in nats per token
 * @param standardError of {@code lossIncrease}
 * @param tokens predicted
 */
public record Trial(
        String rule,
        double bitsPerWeight,
        double sum,
        double divergence,
        double lossIncrease,
        double standardError,
        long tokens) {}
