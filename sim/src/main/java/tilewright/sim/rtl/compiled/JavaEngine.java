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
    private Design lastDesign;
    private boolean lastAll;
    private CompiledDesign last;

    @Override
    public String name() {
        return "java";
    }

    @Override
    public Simulation open(Design design, SimulationOptions options) {
        CompiledDesign compiled = compiled(design, options.trace().isPresent());
        if (options.trace().isEmpty()) {
            return new JavaSimulation(compiled);
        }
        return TracedSimulation.of(compiled, options.trace().get());
    }

    /** The design as code; one design is often opened several times. */
    private synchronized CompiledDesign compiled(Design design, boolean all) {
        if (design != lastDesign || all != lastAll) {
            last = CompiledDesign.of(design.flat(), all);
            lastDesign = design;
            lastAll = all;
        }
        return last;
    }
}
