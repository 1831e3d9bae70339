/**
 * Matrix products of int8 operands: the multiply-accumulate element of each device family, and tiles of such elements that
 * keep the weights or the sums where they are.
 *
 * <table>
 * <caption>Timing, in clocks</caption>
 * <tr><th>component</th><th>latency</th><th>initiation interval</th></tr>
 * <tr><td>{@link StationaryMac}</td><td>{@link MacBlock#productLatency} + 1</td><td>1</td></tr>
 * <tr><td>{@link AccumulatingMac}</td><td>{@link MacBlock#productLatency} + 1</td><td>1</td></tr>
 * <tr><td>{@link WeightStationaryTile}</td><td>{@link WeightStationaryTile#latency}: {@code rows + 2}, one more on ECP5</td><td>1 per vector; {@code rows} per set of weights</td></tr>
 * <tr><td>{@link OutputStationaryTile}</td><td>{@code K + rows + 2} for K pairs of vectors and their results, one more on ECP5</td><td>1 per pair of vectors</td></tr>
 * </table>
 */
package tilewright.hw.unit.tensor;
