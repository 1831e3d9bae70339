/**
 * The router and the dispatcher: which experts a token goes to, and which tokens an expert gets.
 *
 * <table>
 * <caption>Timing, in clocks</caption>
 * <tr><th>component</th><th>latency</th><th>initiation interval</th></tr>
 * <tr><td>{@link TopKUnit}</td><td>1 after the last score</td><td>1 per score</td></tr>
 * <tr><td>{@link RouterUnit}</td><td>at most 33 after the last score, {@code topK} more where the softmax is over the selected</td><td>1 per score, 14 at least per token</td></tr>
 * <tr><td>{@link Dispatcher}</td><td>3 after the last route, and 1 for each expert before the first that has any</td><td>1 per route in, then 1 per token out</td></tr>
 * </table>
 */
package tilewright.hw.unit.routing;
