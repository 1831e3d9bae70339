package tilewright.hw.lang;

import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.SourceLocation;

/** Makes one driver for each net of all that is assigned to it: the last assignment whose conditions hold wins. */
final class Merging {
    /** What nets are worth at some point of the statements; what a block has not assigned it takes from around it. */
    private static final class Values {
        final Values outer;
        final Map<Node.NetNode, Node> assigned = new LinkedHashMap<>();
        /** Where the block itself, or a block in it, last assigned a net. */
        final Map<Node.NetNode, SourceLocation> places = new HashMap<>();

        Values(Values outer) {
            this.outer = outer;
        }

        Node of(Node.NetNode net) {
            for (Values values = this; values != null; values = values.outer) {
                Node value = values.assigned.get(net);
                if (value != null) {
                    return value;
                }
            }
            return net.kind == Node.NetKind.REGISTER ? net : new Node.Missing(net.width, net.signed, net.at);
        }
    }

    private final ModuleBuilder module;
    private final Problems problems;
    /** The condition that leaves a net without a value, for the message. */
    private final Map<Node.NetNode, Block.Statement> gaps = new HashMap<>();

    private Merging(ModuleBuilder module, Problems problems) {
        this.module = module;
        this.problems = problems;
    }

    /** Merges a component's statements and those of its children. */
    static void merge(ModuleBuilder module, Problems problems) {
        new Merging(module, problems).run();
        module.children.forEach(child -> merge(child, problems));
    }

    private void run() {
        Values values = new Values(null);
        run(module.body, values);
        values.assigned.forEach((net, driver) -> {
            net.driver = driver;
            if (net.kind != Node.NetKind.REGISTER
                    && isMissing(driver, Collections.newSetFromMap(new IdentityHashMap<>()))) {
                latch(net);
            }
        });
        for (Node.NetNode net : module.nets) {
            boolean needs = net.kind != Node.NetKind.INPUT && net.kind != Node.NetKind.READ;
            if (needs && net.driver == null) {
                problems.add(
                        Finding.Rule.UNDRIVEN,
                        net.at,
                        module,
                        net,
                        () -> (net.kind == Node.NetKind.REGISTER
                                        ? "the register"
                                        : net.isPort() ? "the output" : "the wire")
                                + " is never assigned; assign it, or remove it");
            }
        }
        for (ModuleBuilder child : module.children) {
            for (Node.NetNode net : child.nets) {
                if (net.kind == Node.NetKind.INPUT && net.driver == null) {
                    problems.add(
                            Finding.Rule.UNDRIVEN,
                            child.at,
                            child,
                            net,
                            () -> "the child's input is never assigned in " + module.path() + "; assign it there");
                }
            }
        }
    }

    private static boolean isMissing(Node node, Set<Node> seen) {
        return switch (node) {
            case Node.Missing _ -> true;
            case Node.Operation op
            when op.operator == Node.Operator.MUX && seen.add(op) ->
                isMissing(op.operand(1), seen) || isMissing(op.operand(2), seen);
            default -> false;
        };
    }

    private void latch(Node.NetNode net) {
        Block.Statement gap = gaps.get(net);
        SourceLocation at =
                gap instanceof Block.When when ? when.at() : gap instanceof Block.Choice choice ? choice.at() : net.at;
        String where = gap instanceof Block.When when
                ? "where not (" + Description.of(when.condition()) + ")"
                : gap instanceof Block.Choice choice
                        ? "for some value of " + Description.of(choice.selector())
                        : "on some path";
        problems.add(
                Finding.Rule.LATCH,
                at,
                module,
                net,
                () -> "it has no value " + where
                        + "; assign a default before, or in otherwise(...), or make it a register");
    }

    private void run(Block block, Values values) {
        for (Block.Statement statement : block.statements) {
            switch (statement) {
                case Block.Assign assign -> assign(assign, values);
                case Block.When when -> {
                    Values whenTrue = new Values(values);
                    Values whenFalse = new Values(values);
                    run(when.whenTrue(), whenTrue);
                    run(when.whenFalse(), whenFalse);
                    join(when, when.condition(), whenTrue, whenFalse, values);
                }
                case Block.Choice choice -> choose(choice, 0, values);
            }
        }
    }

    private void assign(Block.Assign assign, Values values) {
        Node.NetNode target = assign.target();
        SourceLocation before = values.places.put(target, assign.at());
        if (before != null) {
            problems.add(
                    Finding.Rule.SEVERAL_DRIVERS,
                    assign.at(),
                    module,
                    target,
                    () -> "this assignment replaces the one of " + before
                            + " altogether; remove one, or put this one under when(...)");
        }
        values.assigned.put(target, assign.value());
    }

    private void choose(Block.Choice choice, int index, Values values) {
        if (index == choice.cases().size()) {
            run(choice.otherwise(), values);
            return;
        }
        Block.Case one = choice.cases().get(index);
        int covered = choice.cases().stream().mapToInt(c -> c.values().size()).sum();
        if (covered == choice.values() && index == choice.cases().size() - 1) {
            run(one.block(), values);
            return;
        }
        Values whenTrue = new Values(values);
        Values whenFalse = new Values(values);
        run(one.block(), whenTrue);
        choose(choice, index + 1, whenFalse);
        join(choice, one.condition(), whenTrue, whenFalse, values);
    }

    private void join(Block.Statement statement, Node condition, Values whenTrue, Values whenFalse, Values values) {
        Set<Node.NetNode> targets = new LinkedHashSet<>(whenTrue.assigned.keySet());
        targets.addAll(whenFalse.assigned.keySet());
        for (Node.NetNode target : targets) {
            Node a = whenTrue.of(target);
            Node b = whenFalse.of(target);
            if (a instanceof Node.Missing || b instanceof Node.Missing) {
                gaps.putIfAbsent(target, statement);
            }
            values.assigned.put(target, Nodes.mux(condition, a, b, target.at));
            SourceLocation place = whenTrue.places.getOrDefault(target, whenFalse.places.get(target));
            values.places.putIfAbsent(target, place);
        }
    }
}
