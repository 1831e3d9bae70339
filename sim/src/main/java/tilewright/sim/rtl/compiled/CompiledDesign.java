package tilewright.sim.rtl.compiled;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.FlatDesign;
import tilewright.hw.lang.design.Memory;
import tilewright.hw.lang.design.Module;
import tilewright.sim.SimulationException;
import tilewright.sim.rtl.Port;
import tilewright.sim.rtl.Words;

/**
 * A design as code, without state: it may be run several times at once.
 *
 * @param flat what was compiled
 * @param settle brings wires and outputs up to date
 * @param edges the edge of each clock, and at the end that of all at one moment
 */
record CompiledDesign(FlatDesign flat, List<Port> ports, Slots slots, Block[] settle, Block[][] edges) {
    private static final long STACK_BYTES = 256L << 20;

    /**
     * Compiles a design; deep expressions need a deep stack, which a thread of its own has.
     *
     * @param all whether every net is to have its value in its place, for traces
     */
    static CompiledDesign of(FlatDesign design, boolean all) {
        String name = design.module().name();
        List<CompiledDesign> result = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        Thread compiler = new Thread(null, () -> result.add(compile(design, all)), "compile " + name, STACK_BYTES);
        compiler.setUncaughtExceptionHandler((_, e) -> failures.add(e));
        compiler.start();
        try {
            compiler.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SimulationException(name + ": compiling was interrupted; run it again", e);
        }
        if (!failures.isEmpty()) {
            Throwable cause = failures.getFirst();
            throw new SimulationException(
                    name + ": the engine 'java' cannot compile it (" + cause + "); use the engine 'verilator'", cause);
        }
        return result.getFirst();
    }

    private static CompiledDesign compile(FlatDesign design, boolean all) {
        Module module = design.module();
        Lowering lowering = new Lowering(module, all);
        List<Statement> settle = lowering.settle();
        List<List<Statement>> edges = new ArrayList<>();
        for (Clock clock : module.clocks()) {
            edges.add(lowering.edge(List.of(clock)));
        }
        if (module.clocks().size() != 1) {
            edges.add(lowering.edge(module.clocks()));
        }
        Slots slots = lowering.slots();
        Block[][] blocks =
                edges.stream().map(edge -> BlockWriter.blocks(edge, slots)).toArray(Block[][]::new);
        if (module.clocks().size() == 1) {
            blocks = new Block[][] {blocks[0], blocks[0]};
        }
        return new CompiledDesign(design, Words.ports(module), slots, BlockWriter.blocks(settle, slots), blocks);
    }

    Module module() {
        return flat.module();
    }

    /** The words of a memory at power-up. */
    static long[] words(Memory memory) {
        int size = Slots.words(memory.width());
        long count = (long) memory.depth() * size;
        if (count > Integer.MAX_VALUE - 8) {
            throw new SimulationException(
                    "%s: memory '%s' has %d words of %d bits, more than the engine 'java' holds; %s"
                            .formatted(
                                    memory.location(),
                                    memory.name(),
                                    memory.depth(),
                                    memory.width(),
                                    "keep it outside the design"));
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
}
