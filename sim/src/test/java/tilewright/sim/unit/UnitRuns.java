package tilewright.sim.unit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import tilewright.hw.lang.design.Design;
import tilewright.sim.rtl.bench.Engines;
import tilewright.sim.rtl.bench.Runs;
import tilewright.sim.rtl.bench.Stalls;

/** How the library's components are run: both engines in lockstep, without stalls and with few and many. */
final class UnitRuns {
    private UnitRuns() {}

    static Runs of(Design design) {
        assumeTrue(Engines.missing().isEmpty(), () -> Engines.missing().orElseThrow());
        return Runs.of(design).seeds(1).stalls(Stalls.NONE, Stalls.of(0.25), Stalls.of(0.75));
    }
}
