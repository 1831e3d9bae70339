package tilewright.hw.arith;

/**
 * Quantised gamma and beta of one LayerNorm.
 *
 * @param gammas one per feature, {@link LayerNormUnit#GAMMA_BITS} bits; includes sqrt(D) and the output scale
 * @param betas one per feature, {@link LayerNormUnit#BETA_BITS} bits
 * @param shift 0 to 62, of the product of a normalised value and gamma
 * @param epsilon 1 to 2^60, in units of the sum of squares
 */
public record LayerNormParameters(int[] gammas, long[] betas, int shift, long epsilon) {
    /** Checks the ranges. */
    public LayerNormParameters {
        if (gammas.length != betas.length || shift < 0 || shift > 62 || epsilon < 1 || epsilon > 1L << 60) {
            throw new IllegalArgumentException("LayerNorm parameters out of range: " + gammas.length + " gammas, "
                    + betas.length + " betas, shift " + shift + ", epsilon " + epsilon);
        }
    }

    /**
     * Quantises a LayerNorm.
     *
     * @param gamma one per feature
     * @param beta one per feature
     * @param epsilon added to the variance
     * @param inputScale value of one unit of the input
     * @param inputBits width of the input
     * @param outputScale value of one unit of the output
     */
    public static LayerNormParameters quantise(
            float[] gamma, float[] beta, double epsilon, double inputScale, int inputBits, double outputScale) {
        int features = gamma.length;
        double largest = 0;
        double largestBeta = 0;
        for (int i = 0; i < features; i++) {
            largest = Math.max(largest, Math.abs(gamma[i]) * Math.sqrt(features) / outputScale);
            largestBeta = Math.max(largestBeta, Math.abs(beta[i]) / outputScale);
        }
        // Largest gamma and beta that still fit their widths, the gamma with as many bits as it can have.
        int shift = LayerNormUnit.NORMALISED_FRACTION + 8;
        if (largest > 0) {
            shift = LayerNormUnit.NORMALISED_FRACTION + LayerNormUnit.GAMMA_BITS - 2 - Math.getExponent(largest);
        }
        if (largestBeta > 0) {
            shift = Math.min(shift, LayerNormUnit.BETA_BITS - 3 - Math.getExponent(largestBeta));
        }
        shift = Math.max(0, Math.min(62, shift));
        int[] gammas = new int[features];
        long[] betas = new long[features];
        for (int i = 0; i < features; i++) {
            double scaled = gamma[i] * Math.sqrt(features) / outputScale;
            gammas[i] = (int) FixedPoint.saturate(
                    (long) Math.rint(Math.scalb(scaled, shift - LayerNormUnit.NORMALISED_FRACTION)),
                    LayerNormUnit.GAMMA_BITS);
            betas[i] = FixedPoint.saturate(
                    (long) Math.rint(Math.scalb(beta[i] / outputScale, shift)), LayerNormUnit.BETA_BITS);
        }
        int fraction = new LayerNormUnit(features, inputBits).fractionBits();
        double units = epsilon * features * Math.scalb(1.0, 2 * fraction) / (inputScale * inputScale);
        return new LayerNormParameters(gammas, betas, shift, Math.max(1, (long) Math.min(0x1p60, Math.rint(units))));
    }

    /** Gamma of a feature. */
    public long gamma(int feature) {
        return gammas[feature];
    }

    /** Beta of a feature. */
    public long beta(int feature) {
        return betas[feature];
    }
}
