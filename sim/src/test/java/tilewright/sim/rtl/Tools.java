package tilewright.sim.rtl;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import tilewright.sim.SimulationException;
import tilewright.sim.rtl.verilator.VerilatorTools;

/** What of the tools that tests use is there. */
public final class Tools {
    private Tools() {}

    /** Skips the test where Verilator or a C++ compiler is missing. */
    public static void assumeVerilator() {
        try {
            VerilatorTools.find();
        } catch (SimulationException e) {
            assumeTrue(false, e.getMessage());
        }
    }
}
