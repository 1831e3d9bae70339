package tilewright.hw.lang;

import java.util.List;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.SourceLocation;

/** Holds memories to what the block memories of devices can do. */
final class MemoryRules {
    private final ModuleBuilder module;
    private final MemoryNode memory;
    private final Problems problems;

    private MemoryRules(ModuleBuilder module, MemoryNode memory, Problems problems) {
        this.module = module;
        this.memory = memory;
        this.problems = problems;
    }

    /** Checks the memories of a component and of its children. */
    static void check(ModuleBuilder module, Problems problems) {
        module.memories.forEach(memory -> new MemoryRules(module, memory, problems).check());
        module.children.forEach(child -> check(child, problems));
    }

    private void check() {
        List<MemoryNode.Write> writes = memory.writes;
        if (!memory.contents.isEmpty() && !writes.isEmpty()) {
            conflict(writes.getFirst().at(), "a read-only memory is written; declare it with mem(...)");
        }
        if (memory.contents.isEmpty() && writes.isEmpty()) {
            problems.add(
                    Finding.Rule.UNDRIVEN,
                    memory.at,
                    module,
                    memory.name,
                    () -> "the memory is never written; write it, or give it contents with rom(...)");
        }
        int most = memory.dualPort ? 2 : 1;
        if (writes.size() > most) {
            conflict(
                    writes.get(most).at(),
                    writes.size() + " write ports where "
                            + (memory.dualPort ? "a dual-port memory has two" : "there is one")
                            + "; choose address and data with mux(...) before one write"
                            + (memory.dualPort ? "" : ", or ask for .dualPort()"));
        }
        if (memory.dualPort && memory.reads.size() > 2) {
            conflict(
                    memory.reads.get(2).at(),
                    memory.reads.size()
                            + " synchronous read ports where a dual-port memory has two; copy the memory, or read in turns");
        }
        if (writes.size() == 2 && memory.dualPort && alwaysCollide(writes.get(0), writes.get(1))) {
            conflict(
                    writes.get(1).at(),
                    "both ports write '" + Description.of(writes.get(1).address())
                            + "' at the same time; give them different addresses or conditions");
        }
    }

    private static boolean alwaysCollide(MemoryNode.Write a, MemoryNode.Write b) {
        return a.address() == b.address()
                && (a.enable() == b.enable()
                        || a.enable() instanceof Node.Literal && b.enable() instanceof Node.Literal);
    }

    private void conflict(SourceLocation at, String message) {
        problems.add(Finding.Rule.MEMORY_PORTS, at, module, memory.name, () -> message);
    }
}
