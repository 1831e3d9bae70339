package tilewright.sim.rtl.compiled;

import java.util.List;
import tilewright.hw.lang.design.Assertion;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Module;
import tilewright.sim.SimulationException;
import tilewright.sim.rtl.Port;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.Words;

/** A design that runs as bytecode. */
final class JavaSimulation implements Simulation {
    private final Module module;
    private final List<Port> ports;
    private final int[] slots;
    private final int[] widths;
    private final boolean[] actsAtOnce;
    private final long[] v;
    private final long[][] m;
    private final Block[] settle;
    private final Block[][] edges;
    private boolean stale = true;
    private long cycles;

    JavaSimulation(CompiledDesign design) {
        module = design.module();
        ports = design.ports();
        settle = design.settle();
        edges = design.edges();
        Slots layout = design.slots();
        slots = module.ports().stream().mapToInt(layout::of).toArray();
        widths = ports.stream().mapToInt(Port::width).toArray();
        actsAtOnce = new boolean[slots.length];
        for (Clock clock : module.clocks()) {
            if (clock.asynchronous() && clock.reset().isPresent()) {
                actsAtOnce[module.ports().indexOf(clock.reset().get())] = true;
            }
        }
        v = new long[layout.size()];
        m = module.memories().stream().map(CompiledDesign::words).toArray(long[][]::new);
    }

    @Override
    public List<Port> ports() {
        return ports;
    }

    @Override
    public List<String> clocks() {
        return module.clocks().stream().map(Clock::name).toList();
    }

    @Override
    public long get(int port) {
        if (widths[port] > 64) {
            throw Words.tooWide(ports.get(port));
        }
        if (stale) {
            eval();
        }
        return v[slots[port]];
    }

    @Override
    public void get(int port, long[] words) {
        if (stale) {
            eval();
        }
        System.arraycopy(v, slots[port], words, 0, Slots.words(widths[port]));
    }

    @Override
    public void set(int port, long value) {
        Port p = ports.get(port);
        if (widths[port] > 64) {
            throw Words.tooWide(p);
        }
        if (!p.isInput()) {
            throw Words.notAnInput(p);
        }
        if (!Words.fits(value, p.width(), p.signed())) {
            throw Words.misfit(p, value);
        }
        change(port, slots[port], value);
    }

    @Override
    public void set(int port, long[] words) {
        Port p = ports.get(port);
        int last = p.words() - 1;
        if (!p.isInput()) {
            throw Words.notAnInput(p);
        }
        if (!Words.fits(words[last], p.width() - 64 * last, p.signed())) {
            throw Words.misfit(p, words);
        }
        for (int i = 0; i <= last; i++) {
            change(port, slots[port] + i, words[i]);
        }
    }

    private void change(int port, int slot, long value) {
        if (v[slot] != value) {
            v[slot] = value;
            stale = true;
            if (actsAtOnce[port]) {
                eval();
            }
        }
    }

    @Override
    public void eval() {
        for (Block block : settle) {
            block.run(v, m);
        }
        stale = false;
    }

    @Override
    public void tick() {
        tick(edges.length - 1);
    }

    @Override
    public void tick(int clock) {
        if (stale) {
            eval();
        }
        try {
            for (Block block : edges[clock]) {
                block.run(v, m);
            }
        } catch (WideWords.AssertionFailed e) {
            Assertion failed = module.assertions().get(e.index());
            throw new SimulationException(
                    "%s: %s: %s (cycle %d)".formatted(module.name(), failed.location(), failed.message(), cycles));
        }
        stale = true;
        cycles++;
    }

    @Override
    public long cycles() {
        return cycles;
    }

    @Override
    public void close() {
        // Nothing is held outside the heap.
    }

    /** The words of all nets, which {@link #eval} and the edges change in place. */
    long[] words() {
        return v;
    }
}
