package tilewright.sim.rtl;

import java.nio.file.Path;
import java.util.Optional;
import tilewright.sim.CSimulation;

/**
 * How a design is run.
 *
 * @param forked whether native code runs in a process of its own, so that a crash does not end this JVM; costs about a
 *     factor of 20 where every cycle sets and reads ports
 * @param trace the VCD file that gets the values of all signals, empty for none; slows down 5 to 60 times
 * @param cache the folder that keeps compiled models; may be shared by several processes
 */
public record SimulationOptions(boolean forked, Optional<Path> trace, Path cache) {
    /** In this process, without trace, with models kept where all of them are. */
    public static SimulationOptions defaults() {
        return new SimulationOptions(
                false, Optional.empty(), CSimulation.defaultCache().resolveSibling("rtl"));
    }

    /** The same in a process of its own. */
    public SimulationOptions inFork() {
        return new SimulationOptions(true, trace, cache);
    }

    /** The same with all signals written to a VCD file. */
    public SimulationOptions traced(Path file) {
        return new SimulationOptions(forked, Optional.of(file), cache);
    }

    /** The same with compiled models kept in another folder. */
    public SimulationOptions cachedIn(Path folder) {
        return new SimulationOptions(forked, trace, folder);
    }
}
