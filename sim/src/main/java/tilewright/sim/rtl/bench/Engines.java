package tilewright.sim.rtl.bench;

import java.util.List;
import java.util.Optional;
import tilewright.sim.SimulationException;
import tilewright.sim.rtl.Engine;
import tilewright.sim.rtl.compiled.JavaEngine;
import tilewright.sim.rtl.verilator.VerilatorEngine;
import tilewright.sim.rtl.verilator.VerilatorTools;

/** The engines there are. */
public final class Engines {
    private Engines() {}

    /** The one that needs only the JDK. */
    public static List<Engine> java() {
        return List.of(new JavaEngine());
    }

    /** The fast one. */
    public static List<Engine> verilator() {
        return List.of(new VerilatorEngine());
    }

    /** Both, to be run in lockstep. */
    public static List<Engine> both() {
        return List.of(new JavaEngine(), new VerilatorEngine());
    }

    /** What keeps Verilator from being used on this machine, with the way out; empty when nothing does. */
    public static Optional<String> missing() {
        try {
            VerilatorTools.find();
            return Optional.empty();
        } catch (SimulationException e) {
            return Optional.of(e.getMessage());
        }
    }
}
