package tilewright.sim.rtl;

import java.math.BigInteger;
import java.util.List;
import tilewright.hw.lang.design.Design;

/**
 * A design being run. Ports are set and read by their handle, {@link Port#index()}, which {@link #port(String)} finds once;
 * the methods that take names are for the rest.
 *
 * <p>Between edges all outputs follow the inputs: what is read is what the design shows for the inputs as they are now.
 * An edge takes registers and memories from what they saw just before it. It is cheapest to set all inputs of a cycle,
 * then to read all outputs, then to tick. One thread at a time.
 *
 * <p>Values of at most 64 bits are a {@code long}: extended with their sign, or, where unsigned, with zeros. Wider ones are
 * a {@link BigInteger}, or words of 64 bits, the least significant first.
 */
public interface Simulation extends AutoCloseable {
    /** Runs a design with an engine and the default options. */
    static Simulation open(Design design, Engine engine) {
        return engine.open(design, SimulationOptions.defaults());
    }

    /** Runs a design with an engine; see {@link Engine#open}. */
    static Simulation open(Design design, Engine engine, SimulationOptions options) {
        return engine.open(design, options);
    }

    /** The ports: clocks and resets, then inputs and outputs in the order of declaration. */
    List<Port> ports();

    /** The names of the design's clocks, for {@link #tick(int)}. */
    List<String> clocks();

    /**
     * The value of a port of at most 64 bits.
     *
     * @throws IllegalArgumentException when it is wider
     */
    long get(int port);

    /** The value of a port in its {@link Port#words()} words, of which the last is extended like a value of 64 bits. */
    void get(int port, long[] words);

    /**
     * Sets an input or a reset of at most 64 bits.
     *
     * @throws IllegalArgumentException when the port is wider or not an input, or the value does not fit
     */
    void set(int port, long value);

    /** Sets an input in its words, of which the last is extended like a value of 64 bits. */
    void set(int port, long[] words);

    /** Lets the outputs follow the inputs; reading a port and ticking do it by themselves. */
    void eval();

    /** A rising edge of every clock at one moment. */
    void tick();

    /** A rising edge of one clock, by its place among {@link #clocks()}. */
    void tick(int clock);

    /** So many rising edges of every clock, with the inputs as they are. */
    default void run(long edges) {
        for (long i = 0; i < edges; i++) {
            tick();
        }
    }

    /** How often {@link #tick()} and {@link #tick(int)} were called, edges of {@link #run} included. */
    long cycles();

    /** Ends the run and frees what it holds; does nothing a second time. */
    @Override
    void close();

    /**
     * The handle of a port.
     *
     * @throws IllegalArgumentException when there is none of that name; the message lists those there are
     */
    default int port(String name) {
        for (Port port : ports()) {
            if (port.name().equals(name)) {
                return port.index();
            }
        }
        throw new IllegalArgumentException("no port '" + name + "'; the ports are "
                + ports().stream().map(Port::name).toList());
    }

    /** The place of a clock among {@link #clocks()}. */
    default int clock(String name) {
        int index = clocks().indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("no clock '" + name + "'; the clocks are " + clocks());
        }
        return index;
    }

    /** The value of a port of any width. */
    default BigInteger getBig(int port) {
        Port p = ports().get(port);
        long[] words = new long[p.words()];
        get(port, words);
        return Words.number(words, p.signed());
    }

    /** Sets an input of any width. */
    default void set(int port, BigInteger value) {
        Port p = ports().get(port);
        if (p.signed() ? value.bitLength() >= p.width() : value.signum() < 0 || value.bitLength() > p.width()) {
            throw Words.misfit(p, value);
        }
        set(port, Words.of(value, p.words()));
    }

    /** The value of a port of at most 64 bits. */
    default long get(String port) {
        return get(port(port));
    }

    /** Sets an input of at most 64 bits. */
    default void set(String port, long value) {
        set(port(port), value);
    }

    /** Holds all resets for one edge of every clock; does nothing for a design without. */
    default void reset() {
        boolean any = false;
        for (Port port : ports()) {
            if (port.direction() == Port.Direction.RESET) {
                set(port.index(), 1);
                any = true;
            }
        }
        if (any) {
            tick();
            ports().stream()
                    .filter(port -> port.direction() == Port.Direction.RESET)
                    .forEach(port -> set(port.index(), 0));
        }
    }
}
