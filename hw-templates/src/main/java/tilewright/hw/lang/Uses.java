package tilewright.hw.lang;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.SourceLocation;

/**
 * Walks everything a component's named nets, children, memories and assertions depend on: names the nets without a name
 * that it meets after what they are for, and counts how often each operation is used. What it does not meet is dropped.
 */
final class Uses {
    /** A value with a purpose: the name of what it is for. */
    record Root(Node value, String target, SourceLocation at) {}

    private final ModuleBuilder module;
    private final Problems problems;
    private final Fields.Unique unique;
    private final Map<Node, Integer> counts = new IdentityHashMap<>();
    private final Set<Node> met = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Root> queue = new ArrayDeque<>();
    /** Nets without an author's name that are alive, in the order in which they were met. */
    final Set<Node.NetNode> locals = new LinkedHashSet<>();
    /** Wires without an author's name: their value stands for them, unless it needs a name itself. */
    private final Set<Node.NetNode> transparent = Collections.newSetFromMap(new IdentityHashMap<>());

    private final Set<Node.NetNode> open = Collections.newSetFromMap(new IdentityHashMap<>());
    /** The memories that something reads; others are left out. */
    final List<MemoryNode> memories = new ArrayList<>();
    /** Inputs of children that this component reads. */
    final Set<Node.NetNode> readInputs = new LinkedHashSet<>();

    Uses(ModuleBuilder module, Problems problems, Fields.Unique unique) {
        this.module = module;
        this.problems = problems;
        this.unique = unique;
    }

    /** Walks all that is alive. */
    void run() {
        for (Node.NetNode net : module.nets) {
            if (net.name != null) {
                met.add(net);
                unique.of(net.name);
            }
        }
        module.children.forEach(child -> unique.of(child.name));
        module.memories.forEach(memory -> unique.of(memory.name));
        for (Node.NetNode net : module.nets) {
            if (net.name != null && net.driver != null && net.kind != Node.NetKind.INPUT) {
                add(net.driver, net.name, net.at);
            }
        }
        for (ModuleBuilder child : module.children) {
            for (Node.NetNode net : child.nets) {
                if (net.kind == Node.NetKind.INPUT) {
                    add(net.driver, child.name + "_" + net.name, child.at);
                }
            }
        }
        module.claims.forEach(claim -> add(claim.condition(), "assertion", claim.at()));
        if (module.vendor != null) {
            for (ModuleBuilder.Vendor.In in : module.vendor.inputs()) {
                if (in.value() != null) {
                    add(in.value(), in.pin(), in.value().at);
                }
            }
        }
        module.memories.stream().filter(memory -> !memory.reads.isEmpty()).forEach(this::keep);
        while (!queue.isEmpty()) {
            Root root = queue.poll();
            visit(root.value, root, root.at);
        }
    }

    /** Walks a memory's ports once something reads it. */
    private void keep(MemoryNode memory) {
        if (memories.contains(memory)) {
            return;
        }
        memories.add(memory);
        for (MemoryNode.Read read : memory.reads) {
            if (met.add(read.data())) {
                read.data().name = unique.of(memory.name + "_read");
                locals.add(read.data());
            }
            add(read.enable(), read.data().name + "_enable", read.at());
            add(read.address(), read.data().name + "_address", read.at());
        }
        for (MemoryNode.Write write : memory.writes) {
            add(write.enable(), memory.name + "_write_enable", write.at());
            add(write.address(), memory.name + "_write_address", write.at());
            add(write.data(), memory.name + "_write_data", write.at());
            if (write.mask() != null) {
                add(write.mask(), memory.name + "_write_mask", write.at());
            }
        }
    }

    int count(Node node) {
        return counts.getOrDefault(node, 0);
    }

    private void add(Node value, String target, SourceLocation at) {
        queue.add(new Root(value, target, at));
    }

    private void visit(Node node, Root root, SourceLocation at) {
        counts.merge(node, 1, Integer::sum);
        if (!met.add(node)) {
            if (node instanceof Node.NetNode net && open.contains(net)) {
                keep(net, root);
            }
            return;
        }
        switch (node) {
            case Node.NetNode net -> net(net, root, at);
            case Node.Operation op -> {
                if (op.memory != null && op.memory.owner != module) {
                    foreign(op, op.memory.name, op.memory.owner, at);
                } else if (op.memory != null) {
                    keep(op.memory);
                }
                Root inner = op.name == null ? root : new Root(op, op.name, op.at);
                op.operands.forEach(operand -> visit(operand, inner, op.at));
            }
            case Node.Literal _, Node.Missing _ -> {
                // Nothing below.
            }
        }
    }

    private void net(Node.NetNode net, Root root, SourceLocation at) {
        if (net.owner == module && net.kind == Node.NetKind.WIRE) {
            transparent.add(net);
            open.add(net);
            visit(net.driver, new Root(net.driver, proposal(net, root.target), net.at), net.at);
            open.remove(net);
        } else if (net.owner == module) {
            keep(net, root);
            if (net.driver != null) {
                add(net.driver, net.name, net.at);
            }
        } else if (net.owner.parent == module && net.isPort()) {
            if (net.kind == Node.NetKind.INPUT) {
                readInputs.add(net);
            }
        } else {
            foreign(net, net.name, net.owner, at);
        }
    }

    /** Gives a net a name and a declaration: registers, and wires that follow themselves. */
    private void keep(Node.NetNode net, Root root) {
        if (locals.add(net)) {
            transparent.remove(net);
            net.name = unique.of(
                    net.kind == Node.NetKind.REGISTER
                            ? hinted(module, net.hint) != null ? hinted(module, net.hint) : root.target + "_reg"
                            : proposal(net, root.target));
        }
    }

    /** Whether a wire's value stands for it. */
    boolean isTransparent(Node.NetNode net) {
        return transparent.contains(net);
    }

    /** What a wire without an author's name is called where it needs one. */
    String proposal(Node.NetNode net, String target) {
        String base = hinted(module, net.hint);
        return base != null ? base : target + "_wire";
    }

    private void foreign(Node node, String name, ModuleBuilder owner, SourceLocation at) {
        Supplier<String> message = () -> "'" + (name == null ? Description.of(node) : name) + "' of " + owner.path()
                + " is read in " + module.path()
                + (owner.parent == module ? "; make it an output with out(...)" : "; hand the value over by a port");
        problems.add(Finding.Rule.HIERARCHY, at, module, node, message);
    }

    /** The name that a combinator proposed, once what it is built on has one; else null. */
    static String hinted(ModuleBuilder module, Node.Hint hint) {
        if (hint == null) {
            return null;
        }
        Node node = hint.base();
        String base = node.name != null ? node.name : hinted(module, node.hint);
        if (base == null) {
            return null;
        }
        boolean isPin = node instanceof Node.NetNode net && net.owner != module && net.owner.name != null;
        return (isPin ? ((Node.NetNode) node).owner.name + "_" : "") + hint.of(base);
    }
}
