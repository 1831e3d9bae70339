package tilewright.hw.lang.design;

import java.math.BigInteger;
import java.util.Optional;

/**
 * A register: at the rising edge of its clock it takes {@code next}, or its reset value while reset is active.
 *
 * @param net what is read; before the first edge zero, or whatever the device powers up with
 * @param reset the value under reset; empty: reset does not touch it
 * @param next has the net's width and signedness; holds by referring to the net itself
 * @param crossing whether {@code next} may come from another clock (the first stage of a guarded crossing)
 */
public record Register(Net net, Clock clock, Optional<BigInteger> reset, Expression next, boolean crossing) {}
