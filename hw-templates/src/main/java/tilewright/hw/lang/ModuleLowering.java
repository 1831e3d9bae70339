package tilewright.hw.lang;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tilewright.hw.lang.design.Assertion;
import tilewright.hw.lang.design.Assignment;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.Handshake;
import tilewright.hw.lang.design.Instance;
import tilewright.hw.lang.design.Memory;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;
import tilewright.hw.lang.design.Primitive;
import tilewright.hw.lang.design.Register;
import tilewright.hw.lang.design.SourceLocation;

/** Makes the module of one component. */
final class ModuleLowering {
    private final ModuleBuilder builder;
    private final Map<ModuleBuilder, Module> children;
    private final Fields.Unique unique = new Fields.Unique();
    private final Problems problems;
    private final Uses uses;
    private final List<Net> nets = new ArrayList<>();
    private final List<Assignment> assignments = new ArrayList<>();
    private final Map<Node, Net> netOf = new IdentityHashMap<>();
    private final Map<ClockDomain, Clock> clocks = new LinkedHashMap<>();
    private final ExpressionLowering expressions;

    ModuleLowering(ModuleBuilder builder, Map<ModuleBuilder, Module> children, Problems problems) {
        this.builder = builder;
        this.children = children;
        this.problems = problems;
        uses = new Uses(builder, problems, unique);
        expressions = new ExpressionLowering(uses, unique, this::hoist, this::netOf, uses.memories);
    }

    /** The module under a name. */
    Module module(String name) {
        Map<ClockDomain, Boolean> domains = ClockUses.of(builder, children);
        domains.forEach((domain, reset) -> {
            reserve(domain.clockPort());
            if (reset) {
                reserve(domain.resetPort());
            }
        });
        uses.run();
        domains.forEach(this::clock);
        List<Node.NetNode> named = builder.nets.stream()
                .filter(net -> net.name != null && !uses.locals.contains(net))
                .toList();
        named.stream().filter(Node.NetNode::isPort).forEach(this::declare);
        named.stream().filter(net -> !net.isPort()).forEach(this::declare);
        uses.locals.forEach(this::declare);
        for (ModuleBuilder child : builder.children) {
            for (Node.NetNode port : child.nets) {
                if (port.kind == Node.NetKind.OUTPUT) {
                    pin(child, port, Net.Kind.PIN);
                } else if (uses.readInputs.contains(port)) {
                    pin(child, port, Net.Kind.WIRE);
                }
            }
        }
        // What drives a child's input may come from any other child, so all pins have nets by now.
        for (Node.NetNode port : uses.readInputs) {
            Net net = netOf.get(port);
            assignments.add(new Assignment(net, expressions.of(port.driver, net.name())));
        }
        List<Register> registers = new ArrayList<>();
        List<Node.NetNode> all = new ArrayList<>(named);
        all.addAll(uses.locals);
        for (Node.NetNode node : all) {
            Net net = netOf.get(node);
            switch (node.kind) {
                case OUTPUT, WIRE -> assignments.add(new Assignment(net, expressions.of(node.driver, node.name)));
                case REGISTER ->
                    registers.add(new Register(
                            net,
                            clocks.get(node.domain),
                            Optional.ofNullable(node.init),
                            expressions.of(node.driver, node.name + "_next"),
                            node.crossing));
                case INPUT, READ -> {
                    // Driven from outside, or by the memory.
                }
            }
        }
        List<Memory> memories = uses.memories.stream().map(this::memory).toList();
        List<Instance> instances = builder.children.stream().map(this::instance).toList();
        List<Assertion> assertions = builder.claims.stream()
                .map(claim -> new Assertion(
                        clocks.get(claim.domain()),
                        expressions.of(claim.condition(), "assertion"),
                        claim.message(),
                        claim.at()))
                .toList();
        Optional<Primitive> primitive = Optional.ofNullable(builder.vendor).map(this::primitive);
        return new Module(
                name,
                builder.component.getClass().getSimpleName(),
                builder.at,
                List.copyOf(nets),
                List.copyOf(clocks.values()),
                List.copyOf(assignments),
                List.copyOf(registers),
                memories,
                instances,
                assertions,
                streams(),
                inputClocks(named),
                primitive);
    }

    /** Keeps a name for a clock's or reset's port. */
    private void reserve(String port) {
        boolean isTwice = unique.isTaken(port);
        unique.of(port);
        if (isTwice) {
            problems.add(
                    Finding.Rule.NAME,
                    builder.at,
                    builder,
                    port,
                    () -> "two clock domains of the component have this port; give them different names");
        }
        builder.nets.stream().filter(net -> port.equals(net.name)).forEach(net -> taken(port, net.at));
        builder.children.stream().filter(child -> port.equals(child.name)).forEach(child -> taken(port, child.at));
        builder.memories.stream().filter(memory -> port.equals(memory.name)).forEach(memory -> taken(port, memory.at));
    }

    private void taken(String port, SourceLocation at) {
        problems.add(
                Finding.Rule.NAME,
                at,
                builder,
                port,
                () -> "'" + port + "' is the port of the component's own clock domain; rename the field");
    }

    private Map<Net, String> inputClocks(List<Node.NetNode> nodes) {
        Map<Net, String> result = new LinkedHashMap<>();
        for (Node.NetNode node : nodes) {
            if (node.kind == Node.NetKind.INPUT) {
                result.put(netOf.get(node), node.domain.name());
            }
        }
        return result;
    }

    private void clock(ClockDomain domain, boolean hasReset) {
        Net clock = add(domain.clockPort(), 1, false, Net.Kind.CLOCK, builder.at);
        Optional<Net> reset = hasReset
                ? Optional.of(add(domain.resetPort(), 1, false, Net.Kind.RESET, builder.at))
                : Optional.empty();
        clocks.put(domain, new Clock(domain.name(), clock, reset, domain.asynchronous()));
    }

    private Net add(String name, int width, boolean signed, Net.Kind kind, SourceLocation at) {
        Net net = new Net(nets.size(), name, width, signed, kind, at);
        nets.add(net);
        return net;
    }

    private void declare(Node.NetNode node) {
        netOf.put(node, add(node.name, node.width, node.signed, Net.Kind.valueOf(node.kind.name()), node.at));
    }

    private void pin(ModuleBuilder child, Node.NetNode port, Net.Kind kind) {
        String name = unique.of(child.name + "_" + port.name);
        Net net = add(name, port.width, port.signed, kind, child.at);
        netOf.put(port, net);
    }

    /** The net of a node; null where it belongs to another component, which has been complained about. */
    private Net netOf(Node.NetNode node) {
        Net net = netOf.get(node);
        if (net == null && problems.isEmpty()) {
            throw new IllegalStateException("no net for '" + node.name + "' of " + node.owner.path() + " in "
                    + builder.path() + ", " + node.at);
        }
        return net;
    }

    /** A net of its own for a local value. */
    private Net hoist(String name, Expression value, SourceLocation at) {
        Net net = add(name, value.width(), value.signed(), Net.Kind.WIRE, at);
        assignments.add(new Assignment(net, value));
        return net;
    }

    private Memory memory(MemoryNode node) {
        return new Memory(
                uses.memories.indexOf(node),
                node.name,
                node.width,
                node.depth,
                node.contents,
                node.writes.stream()
                        .map(w -> new Memory.WritePort(
                                clocks.get(w.domain()),
                                expressions.of(w.enable(), node.name + "_write_enable"),
                                expressions.net(w.address(), node.name + "_write_address"),
                                w.mask() == null
                                        ? expressions.of(w.data(), node.name + "_write_data")
                                        : expressions.net(w.data(), node.name + "_write_data"),
                                Optional.ofNullable(w.mask())
                                        .map(mask -> expressions.net(mask, node.name + "_write_mask")),
                                w.at()))
                        .toList(),
                node.reads.stream()
                        .map(r -> new Memory.ReadPort(
                                netOf.get(r.data()),
                                clocks.get(r.data().domain),
                                expressions.of(r.enable(), r.data().name + "_enable"),
                                expressions.net(r.address(), r.data().name + "_address"),
                                r.at()))
                        .toList(),
                node.at);
    }

    private Instance instance(ModuleBuilder child) {
        Module module = children.get(child);
        List<Instance.InputPin> inputs = new ArrayList<>();
        List<Instance.OutputPin> outputs = new ArrayList<>();
        for (Clock clock : module.clocks()) {
            Clock mine = clocks.get(ClockUses.outside(child, clock.name()));
            inputs.add(new Instance.InputPin(clock.clock(), new Expression.Ref(mine.clock())));
            clock.reset()
                    .ifPresent(reset -> inputs.add(new Instance.InputPin(
                            reset, new Expression.Ref(mine.reset().orElseThrow()))));
        }
        for (Node.NetNode node : child.nets) {
            if (node.kind == Node.NetKind.INPUT) {
                Expression value = netOf.containsKey(node)
                        ? new Expression.Ref(netOf.get(node))
                        : expressions.of(node.driver, child.name + "_" + node.name);
                inputs.add(new Instance.InputPin(module.net(node.name), value));
            } else if (node.kind == Node.NetKind.OUTPUT) {
                outputs.add(new Instance.OutputPin(module.net(node.name), netOf.get(node)));
            }
        }
        return new Instance(child.name, module, List.copyOf(inputs), List.copyOf(outputs), child.at);
    }

    private List<Handshake> streams() {
        return builder.streams.stream()
                .map(named -> {
                    Node.NetNode valid =
                            (Node.NetNode) named.stream().validSignal().node();
                    Node.NetNode ready =
                            (Node.NetNode) named.stream().readySignal().node();
                    Handshake.Role role = switch (valid.kind) {
                        case INPUT -> Handshake.Role.SLAVE;
                        case OUTPUT -> Handshake.Role.MASTER;
                        default -> Handshake.Role.INTERNAL;
                    };
                    List<Net> payload = named.stream().payloadSignal().leaves().stream()
                            .filter(Signal::isBound)
                            .map(leaf -> netOf.get(leaf.node()))
                            .filter(java.util.Objects::nonNull)
                            .toList();
                    return new Handshake(named.name(), netOf.get(valid), netOf.get(ready), payload, role);
                })
                .filter(stream -> stream.valid() != null && stream.ready() != null)
                .toList();
    }

    private Primitive primitive(ModuleBuilder.Vendor vendor) {
        vendor.inputs().stream()
                .filter(in -> in.value() != null)
                .forEach(in -> VendorRules.check(in.pin(), in.value(), builder, problems));
        VendorRules.outputs(builder, problems);
        Map<String, String> parameters = new LinkedHashMap<>();
        vendor.parameters().forEach(p -> parameters.put(p.name(), p.text()));
        return new Primitive(
                vendor.name(),
                parameters,
                vendor.inputs().stream()
                        .map(in -> new Primitive.Input(
                                in.pin(),
                                in.value() == null
                                        ? new Expression.Ref(
                                                clocks.get(builder.local).clock())
                                        : expressions.of(in.value(), in.pin())))
                        .toList(),
                vendor.outputs().stream()
                        .map(out -> new Primitive.Output(
                                out.pin(), out.width(), out.high(), out.low(), netOf.get(out.net()), out.offset()))
                        .toList());
    }
}
