package tilewright.compiler.quant;

import java.util.Map;

/**
 * What calibration found out about one value.
 *
 * @param name of the value
 * @param bits of its codes
 * @param largest magnitude seen
 * @param scale value of one integer unit under the chosen policy
 * @param signalToNoiseDb of the value's codes under each policy
 */
public record TensorScale(
        String name, int bits, double largest, double scale, Map<ScalePolicy, Double> signalToNoiseDb) {}
