package tilewright.sim.rtl.compiled;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import tilewright.hw.lang.design.Clock;
import tilewright.sim.rtl.Port;
import tilewright.sim.rtl.Simulation;

/**
 * A design that runs as bytecode with all its nets written to a file: 5 ns before each edge what the registers will see, at
 * the edge what comes of it.
 */
final class TracedSimulation implements Simulation {
    private static final int HALF_PERIOD = 5;

    private final JavaSimulation simulation;
    private final VcdWriter writer;
    private final int[] clocks;
    private long time;

    private TracedSimulation(JavaSimulation simulation, VcdWriter writer, int[] clocks) {
        this.simulation = simulation;
        this.writer = writer;
        this.clocks = clocks;
    }

    static TracedSimulation of(CompiledDesign design, Path file) {
        int[] clocks = design.module().clocks().stream()
                .map(Clock::clock)
                .mapToInt(design.slots()::of)
                .toArray();
        return new TracedSimulation(
                new JavaSimulation(design), new VcdWriter(file, design.flat(), design.slots()), clocks);
    }

    @Override
    public List<Port> ports() {
        return simulation.ports();
    }

    @Override
    public List<String> clocks() {
        return simulation.clocks();
    }

    @Override
    public long get(int port) {
        return simulation.get(port);
    }

    @Override
    public void get(int port, long[] words) {
        simulation.get(port, words);
    }

    @Override
    public void set(int port, long value) {
        simulation.set(port, value);
    }

    @Override
    public void set(int port, long[] words) {
        simulation.set(port, words);
    }

    @Override
    public void eval() {
        simulation.eval();
    }

    @Override
    public void tick() {
        edge(IntStream.range(0, clocks.length).toArray(), simulation::tick);
    }

    @Override
    public void tick(int clock) {
        edge(new int[] {clock}, () -> simulation.tick(clock));
    }

    private void edge(int[] rising, Runnable tick) {
        long[] v = simulation.words();
        simulation.eval();
        for (int clock : clocks) {
            v[clock] = 0;
        }
        writer.dump(time, v);
        tick.run();
        simulation.eval();
        for (int clock : rising) {
            v[clocks[clock]] = 1;
        }
        writer.dump(time + HALF_PERIOD, v);
        time += 2 * HALF_PERIOD;
    }

    @Override
    public long cycles() {
        return simulation.cycles();
    }

    @Override
    public void close() {
        writer.close();
        simulation.close();
    }
}
