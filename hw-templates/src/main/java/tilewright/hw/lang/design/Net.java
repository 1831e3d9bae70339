package tilewright.hw.lang.design;

/**
 * A wire with a name: every value of a {@link Module} that has one.
 *
 * @param id its index in {@link Module#nets()}
 * @param name unique in the module; in a flat design the path from the top's children, {@code "pe_0_1.sum"}
 * @param width bits, at least 1
 * @param signed whether its bits are read as two's complement
 * @param kind what drives it
 * @param location where the author made it
 */
public record Net(int id, String name, int width, boolean signed, Kind kind, SourceLocation location) {
    /** What drives a net. */
    public enum Kind {
        /** A clock that comes in by a port. */
        CLOCK,
        /** A reset that comes in by a port, active high. */
        RESET,
        /** A port driven from outside. */
        INPUT,
        /** A port driven by an {@link Assignment} of this module. */
        OUTPUT,
        /** Driven by an {@link Assignment}. */
        WIRE,
        /** Driven by a {@link Register}. */
        REGISTER,
        /** The registered data of a synchronous {@link Memory.ReadPort}. */
        READ,
        /** Driven by an output of an {@link Instance}. */
        PIN
    }

    @Override
    public int hashCode() {
        return 31 * id + name.hashCode();
    }

    /** Whether it is a port of its module. */
    public boolean isPort() {
        return kind.compareTo(Kind.OUTPUT) <= 0;
    }
}
