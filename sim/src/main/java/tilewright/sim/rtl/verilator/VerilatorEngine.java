package tilewright.sim.rtl.verilator;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.emit.SystemVerilog;
import tilewright.sim.rtl.Engine;
import tilewright.sim.rtl.Port;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.SimulationOptions;
import tilewright.sim.rtl.Words;

/**
 * Runs designs as Verilator models. An assertion that does not hold ({@code $fatal}) is an exception, in this process too; a
 * crash of native code is one only with {@link SimulationOptions#inFork()}.
 */
public final class VerilatorEngine implements Engine {
    private final Map<String, String> environment;
    private VerilatorTools tools;
    private Design lastDesign;
    private String lastText;

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
        return open(
                design.top().name(),
                text(design),
                Words.ports(design.top()),
                design.top().clocks().stream().map(Clock::name).toList(),
                options);
    }

    /**
     * Begins to run a design that exists as text.
     *
     * @param top the name of its top module
     * @param systemVerilog its text
     * @param ports all ports of the top module
     * @param clocks the names of the clocks, in the order of their ports
     */
    public Simulation open(
            String top, String systemVerilog, List<Port> ports, List<String> clocks, SimulationOptions options) {
        Path library = new ModelBuild(
                        tools(),
                        ModelText.of(top, systemVerilog, ports),
                        options.trace().isPresent(),
                        options.cache())
                .library();
        return options.forked()
                ? new ForkedSimulation(top, library, ports, clocks, options.trace())
                : new VerilatorSimulation(top, library, ports, clocks, options.trace());
    }

    private synchronized VerilatorTools tools() {
        if (tools == null) {
            tools = VerilatorTools.find(environment);
        }
        return tools;
    }

    /** The design's text; one design is often opened several times. */
    private synchronized String text(Design design) {
        if (design != lastDesign) {
            lastText = SystemVerilog.text(design);
            lastDesign = design;
        }
        return lastText;
    }
}
