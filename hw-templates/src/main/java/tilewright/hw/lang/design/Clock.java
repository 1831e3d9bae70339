package tilewright.hw.lang.design;

import java.util.Optional;

/**
 * A clock of a module; everything it clocks reacts to its rising edge.
 *
 * @param name the domain's name
 * @param clock the port that carries it
 * @param reset its reset's port, active high; empty when nothing of this clock is reset
 * @param asynchronous whether reset acts at once; otherwise at the rising edge
 */
public record Clock(String name, Net clock, Optional<Net> reset, boolean asynchronous) {}
