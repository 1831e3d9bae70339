/**
 * The arithmetic blocks of device families. Each component's body is the block's behavioural twin, bit by bit and clock
 * by clock, which is what is simulated; where the macro {@code TILEWRIGHT_PRIMITIVES} is defined, the emitted text
 * instantiates the vendor's block in its place.
 *
 * <table>
 * <caption>Timing, in clocks</caption>
 * <tr><th>component</th><th>latency</th><th>initiation interval</th></tr>
 * <tr><td>{@link Dsp48}</td><td>3</td><td>1</td></tr>
 * <tr><td>{@link Int8Pair}</td><td>4</td><td>1</td></tr>
 * <tr><td>{@link Int8Stationary}</td><td>3</td><td>1</td></tr>
 * <tr><td>{@link Int8StationaryPair}</td><td>3</td><td>1</td></tr>
 * <tr><td>{@link Int8Accumulator}</td><td>3</td><td>1</td></tr>
 * <tr><td>{@link Mult18x18d}</td><td>3</td><td>1</td></tr>
 * <tr><td>{@link SbMac16}</td><td>3</td><td>1</td></tr>
 * <tr><td>{@link SbMac16Chain}</td><td>3</td><td>1</td></tr>
 * </table>
 */
package tilewright.hw.lang.primitive;
