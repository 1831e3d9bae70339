/**
 * Streams: words with a handshake, and the small pieces that lead them on.
 *
 * <pre>{@code
 * final Stream<SInt> left = in(Stream.of(sint(8)));
 * final Stream<SInt> right = in(Stream.of(sint(8)));
 * final Stream<SInt> products = out(Stream.of(sint(16)));
 *
 * Products() {
 *     products.assign(left.join(right.fifo(16)).map(p -> p.first.times(p.second)).stage());
 * }
 * }</pre>
 *
 * <table>
 * <caption>Timing, in clocks</caption>
 * <tr><th>component</th><th>latency</th><th>initiation interval</th></tr>
 * <tr><td>{@link StreamFifo}</td><td>1 up to 64 words, 2 above</td><td>1</td></tr>
 * <tr><td>{@link StreamArbiter}</td><td>0</td><td>1</td></tr>
 * <tr><td>{@link StreamWidener}</td><td>1 after the last word</td><td>1 per word</td></tr>
 * <tr><td>{@link StreamNarrower}</td><td>0</td><td>1 per element</td></tr>
 * <tr><td>{@link ClockCrossingFifo}</td><td>3 of the reader's clocks, at most</td><td>1</td></tr>
 * </table>
 */
package tilewright.hw.lang.stream;
