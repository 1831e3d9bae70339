/**
 * Integer semantics of the accelerator's units, defined once and executably.
 *
 * <p>The integer golden machine, the emitted HLS C++ and the RTL compute these functions bit for bit. Rounding is to
 * nearest, ties to even; overflow saturates; nothing wraps.
 */
package tilewright.hw.arith;
