/**
 * The arithmetic blocks of device families. Each component's body is the block's behavioural twin, bit by bit and clock
 * by clock, which is what is simulated; where the macro {@code TILEWRIGHT_PRIMITIVES} is defined, the emitted text
 * instantiates the vendor's block in its place.
 */
package tilewright.hw.lang.primitive;
