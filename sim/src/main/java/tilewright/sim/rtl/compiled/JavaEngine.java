package tilewright.sim.rtl.compiled;

import tilewright.hw.lang.design.Design;
import tilewright.sim.rtl.Engine;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.SimulationOptions;

/**
 * Runs designs as bytecode in this JVM. It starts at once and needs no tools. {@link SimulationOptions#forked()} changes
 * nothing: there is no native code that could end the JVM, and an assertion that does not hold is an exception.
 */
public final class JavaEngine implements Engine {
    @Override
    public String name() {
        return "java";
    }

    @Override
    public Simulation open(Design design, SimulationOptions options) {
        return JavaSimulation.of(design.flat());
    }
}
