package tilewright.compiler.plan;

/**
 * The share of a board's resources that a plan may use; the rest is room for routing and for the error of estimates.
 *
 * @param dsp of DSP blocks
 * @param lut of LUTs
 * @param ff of flip-flops
 * @param bram of block RAM
 * @param uram of large blocks
 */
public record Limits(double dsp, double lut, double ff, double bram, double uram) {
    /**
     * What plans use. The vendor advises at most 70 % of LUTs, 50 % of flip-flops and 80 % of DSP and memory blocks
     * (UG949, report_failfast); a design of one repeated tile goes a little above in blocks.
     */
    public static final Limits USABLE = new Limits(0.85, 0.70, 0.50, 0.85, 0.85);
}
