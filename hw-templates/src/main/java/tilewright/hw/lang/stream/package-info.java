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
 */
package tilewright.hw.lang.stream;
