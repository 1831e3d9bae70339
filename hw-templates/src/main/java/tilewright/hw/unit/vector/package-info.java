/**
 * The vector unit's components: requantisation, activations, normalisation, softmax. L is a row's scores, W its words.
 *
 * <table>
 * <caption>Timing, in clocks</caption>
 * <tr><th>component</th><th>latency</th><th>initiation interval</th></tr>
 * <tr><td>{@link TableUnit}</td><td>1</td><td>1</td></tr>
 * <tr><td>{@link RequantizerUnit}</td><td>7 where both factors are cut in two</td><td>1</td></tr>
 * <tr><td>{@link EvenResidualUnit}</td><td>5, and that of a requantiser</td><td>1</td></tr>
 * <tr><td>{@link SoftmaxSum}</td><td>21 after the last score</td><td>1 per score, 14 at least per row</td></tr>
 * <tr><td>{@link SoftmaxRatio}</td><td>at most 8</td><td>1</td></tr>
 * <tr><td>{@link SoftmaxUnit}</td><td>{@code 2L + 30} for a row, at most</td><td>1 per score, 14 at least per row</td></tr>
 * <tr><td>{@link InverseRoot}</td><td>52</td><td>32</td></tr>
 * <tr><td>{@link NormUnit}</td><td>{@code W + 86 + 2 log2(lanes)} after the last word of 16-bit features; RMSNorm {@code 68 + log2(lanes)}</td><td>1 per word, 32 at least per row</td></tr>
 * </table>
 */
package tilewright.hw.unit.vector;
