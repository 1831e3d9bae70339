package tilewright.sim.rtl.verilator;

import java.nio.file.Path;
import java.util.Map;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Design;
import tilewright.sim.rtl.Engine;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.SimulationOptions;
import tilewright.sim.rtl.Words;

/**
 * Runs designs as Verilator models. An assertion that does not hold ({@code $fatal}) is an exception, in this process too; a
 * crash of native code is one only with {@link SimulationOptions#inFork()}.
 */
public final class VerilatorEngine implements Engine {
    private final Map<String, String> environment;

    /** The engine with the tools of this process's {@code PATH}. */
    public VerilatorEngine() {
        this(System.getenv());
    }

    /** The engine with the tools that an environment's {@code PATH} and {@code CXX} name. */
    public VerilatorEngine(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    @Override
    public String name() {
        return "verilator";
    }

    @Override
    public Simulation open(Design design, SimulationOptions options) {
        VerilatorTools tools = VerilatorTools.find(environment);
        Path library =
                new ModelBuild(tools, ModelText.of(design), options.trace().isPresent(), options.cache()).library();
        return new VerilatorSimulation(
                design.top().name(),
                library,
                Words.ports(design.top()),
                design.top().clocks().stream().map(Clock::name).toList(),
                options.trace());
    }
}
