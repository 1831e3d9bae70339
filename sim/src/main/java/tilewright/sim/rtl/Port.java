package tilewright.sim.rtl;

/**
 * A port of a design that is being run.
 *
 * @param index its handle: its place among {@link Simulation#ports()}
 * @param name its name in the design, {@code "input_valid"}
 * @param width bits, at least 1
 * @param signed whether its bits are read as two's complement
 * @param direction which side drives it
 */
public record Port(int index, String name, int width, boolean signed, Direction direction) {
    /** Which side drives a port. */
    public enum Direction {
        /** A clock; {@link Simulation#tick} drives it. */
        CLOCK,
        /** A reset, active high; set like an input. */
        RESET,
        /** Driven from outside. */
        INPUT,
        /** Driven by the design. */
        OUTPUT
    }

    /** The 64-bit words that hold its value. */
    public int words() {
        return (width + 63) / 64;
    }

    /** Whether it may be set from outside. */
    public boolean isInput() {
        return direction == Direction.INPUT || direction == Direction.RESET;
    }
}
