package tilewright.sim.rtl.compiled;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.design.Assertion;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.FlatDesign;
import tilewright.hw.lang.design.Memory;
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

    private JavaSimulation(Module module, Slots layout, List<Block> settle, List<List<Block>> edges) {
        this.module = module;
        this.settle = settle.toArray(Block[]::new);
        this.edges = edges.stream().map(list -> list.toArray(Block[]::new)).toArray(Block[][]::new);
        ports = Words.ports(module);
        slots = module.ports().stream().mapToInt(layout::of).toArray();
        widths = ports.stream().mapToInt(Port::width).toArray();
        actsAtOnce = new boolean[slots.length];
        for (Clock clock : module.clocks()) {
            if (clock.asynchronous() && clock.reset().isPresent()) {
                actsAtOnce[module.ports().indexOf(clock.reset().get())] = true;
            }
        }
        v = new long[layout.size()];
        m = new long[module.memories().size()][];
        for (Memory memory : module.memories()) {
            m[memory.id()] = words(memory);
        }
    }

    /** Compiles a design; deep expressions need a deep stack, which a thread of its own has. */
    static JavaSimulation of(FlatDesign design) {
        List<JavaSimulation> result = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        Thread compiler = new Thread(
                null,
                () -> result.add(compile(design)),
                "compile " + design.module().name(),
                256L << 20);
        compiler.setUncaughtExceptionHandler((_, e) -> failures.add(e));
        compiler.start();
        try {
            compiler.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SimulationException(design.module().name() + ": compiling was interrupted; run it again", e);
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException(
                    design.module().name() + ": cannot be compiled: " + failures.getFirst(), failures.getFirst());
        }
        return result.getFirst();
    }

    private static JavaSimulation compile(FlatDesign design) {
        Module module = design.module();
        Lowering lowering = new Lowering(module, false);
        List<Statement> settle = lowering.settle();
        List<List<Block>> edges = new ArrayList<>();
        for (Clock clock : module.clocks()) {
            edges.add(BlockWriter.blocks(lowering.edge(List.of(clock)), lowering.slots()));
        }
        if (module.clocks().size() == 1) {
            edges.add(edges.getFirst());
        } else {
            edges.add(BlockWriter.blocks(lowering.edge(module.clocks()), lowering.slots()));
        }
        return new JavaSimulation(module, lowering.slots(), BlockWriter.blocks(settle, lowering.slots()), edges);
    }

    private static long[] words(Memory memory) {
        int size = Slots.words(memory.width());
        long count = (long) memory.depth() * size;
        if (count > Integer.MAX_VALUE - 8) {
            throw new SimulationException(
                    memory.location() + ": memory '" + memory.name() + "' has " + memory.depth() + " words of "
                            + memory.width() + " bits, more than this engine holds; model it outside the design");
        }
        long[] words = new long[(int) count];
        for (int i = 0; i < memory.contents().size(); i++) {
            BigInteger word = memory.contents().get(i);
            for (int j = 0; j < size; j++) {
                words[i * size + j] = word.shiftRight(64 * j).longValue();
            }
        }
        return words;
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
            throw Words.misfit(p, Words.number(words, p.signed()));
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
}
