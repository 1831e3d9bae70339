/**
 * What the accelerator's units are built of: registers that move together, wide products, rounding, division, roots.
 *
 * <table>
 * <caption>Timing, in clocks</caption>
 * <tr><th>component</th><th>latency</th><th>initiation interval</th></tr>
 * <tr><td>{@link Divider}</td><td>{@code quotientBits / 2 + 1}</td><td>as many</td></tr>
 * <tr><td>{@link SquareRoot}</td><td>{@code rootBits + 1}</td><td>as many</td></tr>
 * <tr><td>{@link RowSum}</td><td>{@code 1 + ceil(log2(lanes))} after the last word</td><td>1 per word</td></tr>
 * </table>
 */
package tilewright.hw.unit.pipeline;
