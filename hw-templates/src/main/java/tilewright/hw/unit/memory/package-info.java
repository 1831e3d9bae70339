/**
 * What lies between memory and the tiles: engines that read and write memory in bursts over AXI, and the decompressor of
 * weights that are stored in fewer bits.
 *
 * <table>
 * <caption>Timing, in clocks</caption>
 * <tr><th>component</th><th>latency</th><th>initiation interval</th></tr>
 * <tr><td>{@link ReadDma}</td><td>1 from a transfer to its first address; words pass straight from the port</td><td>1 per word</td></tr>
 * <tr><td>{@link WriteDma}</td><td>1 from a burst's address to its first word</td><td>1 per word</td></tr>
 * <tr><td>{@link StridedTransfers}</td><td>1 from a block to its first transfer</td><td>1 per transfer, 1 between blocks</td></tr>
 * <tr><td>{@link WeightDecompressor}</td><td>7 from the last memory word of some rows to the first of them</td><td>1 per row, or 1 per memory word where rows need more</td></tr>
 * </table>
 */
package tilewright.hw.unit.memory;
