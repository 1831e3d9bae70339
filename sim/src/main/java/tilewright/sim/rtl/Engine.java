package tilewright.sim.rtl;

import tilewright.hw.lang.design.Design;

/** A way of running designs; engines differ in speed and in what they need, not in what a design does. */
public interface Engine {
    /** One word for messages: {@code "java"}, {@code "verilator"}. */
    String name();

    /**
     * Begins to run a design: every net, register and memory without contents is zero, and so are the inputs.
     *
     * @throws tilewright.sim.SimulationException when the engine's tools are missing or fail; the message says the cause,
     *     the way out and where the log is
     */
    Simulation open(Design design, SimulationOptions options);
}
