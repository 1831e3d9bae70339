package tilewright.hw.lang.design;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes one module of a design. */
public final class Flattening {
    private final List<Net> nets = new ArrayList<>();
    private final List<Assignment> assignments = new ArrayList<>();
    private final List<Register> registers = new ArrayList<>();
    private final List<Memory> memories = new ArrayList<>();
    private final List<Assertion> assertions = new ArrayList<>();
    private final List<Handshake> streams = new ArrayList<>();
    private final Map<Net, Clock> clocks = new HashMap<>();
    private final Map<String, Net> paths = new LinkedHashMap<>();

    private Flattening() {}

    /** The design as one module, its assignments in no particular order: also of a design with combinational loops. */
    public static FlatDesign unsorted(Design design) {
        Flattening flattening = new Flattening();
        Module top = design.top();
        List<Clock> topClocks = new ArrayList<>();
        Net[] map = new Net[top.nets().size()];
        for (Net port : top.ports()) {
            map[port.id()] = flattening.net(port.name(), port, port.kind());
        }
        for (Clock clock : top.clocks()) {
            Clock flat = new Clock(
                    clock.name(),
                    map[clock.clock().id()],
                    clock.reset().map(net -> map[net.id()]),
                    clock.asynchronous());
            topClocks.add(flat);
            flattening.clocks.put(flat.clock(), flat);
        }
        flattening.add("", top, map);
        Module flat = new Module(
                top.name(),
                top.component(),
                top.location(),
                List.copyOf(flattening.nets),
                List.copyOf(topClocks),
                List.copyOf(flattening.assignments),
                List.copyOf(flattening.registers),
                List.copyOf(flattening.memories),
                List.of(),
                List.copyOf(flattening.assertions),
                List.copyOf(flattening.streams),
                flattening.inputClocks(top, map),
                Optional.empty());
        return new FlatDesign(flat, java.util.Collections.unmodifiableMap(flattening.paths));
    }

    /** The design as one module, each assignment after those it reads. */
    static FlatDesign sorted(Design design) {
        FlatDesign flat = unsorted(design);
        Module m = flat.module();
        return new FlatDesign(
                new Module(
                        m.name(),
                        m.component(),
                        m.location(),
                        m.nets(),
                        m.clocks(),
                        EvaluationOrder.of(m),
                        m.registers(),
                        m.memories(),
                        m.instances(),
                        m.assertions(),
                        m.streams(),
                        m.inputClocks(),
                        m.primitive()),
                flat.paths());
    }

    private Map<Net, String> inputClocks(Module top, Net[] map) {
        Map<Net, String> result = new LinkedHashMap<>();
        top.inputClocks().forEach((net, clock) -> result.put(map[net.id()], clock));
        return result;
    }

    private Net net(String path, Net like, Net.Kind kind) {
        Net net = new Net(nets.size(), path, like.width(), like.signed(), kind, like.location());
        nets.add(net);
        paths.put(path, net);
        return net;
    }

    /** Adds a module's body; {@code map} already holds the nets that its ports are joined to. */
    private void add(String prefix, Module module, Net[] map) {
        Map<Instance, Net[]> children = new IdentityHashMap<>();
        for (Instance instance : module.instances()) {
            Net[] inner = new Net[instance.module().nets().size()];
            children.put(instance, inner);
            for (Instance.OutputPin pin : instance.outputs()) {
                Net flat = net(prefix + instance.name() + "." + pin.port().name(), pin.port(), Net.Kind.WIRE);
                inner[pin.port().id()] = flat;
                map[pin.net().id()] = flat;
                paths.put(prefix + pin.net().name(), flat);
            }
        }
        for (Net net : module.nets()) {
            if (map[net.id()] == null) {
                map[net.id()] = net(prefix + net.name(), net, net.kind() == Net.Kind.PIN ? Net.Kind.WIRE : net.kind());
            }
        }
        int firstMemory = memories.size();
        Rewriting rewriting = new Rewriting(map, firstMemory, prefix);
        for (Assignment assignment : module.assignments()) {
            assignments.add(new Assignment(map[assignment.target().id()], rewriting.of(assignment.value())));
        }
        for (Register r : module.registers()) {
            registers.add(new Register(
                    map[r.net().id()], clock(map, r.clock()), r.reset(), rewriting.of(r.next()), r.crossing()));
        }
        for (Memory memory : module.memories()) {
            memories.add(memory(prefix, memory, map, rewriting));
        }
        for (Assertion a : module.assertions()) {
            assertions.add(new Assertion(
                    clock(map, a.clock()),
                    rewriting.of(a.condition()),
                    prefix.isEmpty() ? a.message() : prefix.substring(0, prefix.length() - 1) + ": " + a.message(),
                    a.location()));
        }
        for (Handshake s : module.streams()) {
            streams.add(new Handshake(
                    prefix + s.name(),
                    map[s.valid().id()],
                    map[s.ready().id()],
                    s.payload().stream().map(net -> map[net.id()]).toList(),
                    prefix.isEmpty() ? s.role() : Handshake.Role.INTERNAL));
        }
        for (Instance instance : module.instances()) {
            Net[] inner = children.get(instance);
            String path = prefix + instance.name() + ".";
            for (Instance.InputPin pin : instance.inputs()) {
                if (pin.value() instanceof Expression.Ref ref) {
                    inner[pin.port().id()] = map[ref.net().id()];
                    paths.put(path + pin.port().name(), map[ref.net().id()]);
                } else {
                    Net flat = net(path + pin.port().name(), pin.port(), Net.Kind.WIRE);
                    inner[pin.port().id()] = flat;
                    assignments.add(new Assignment(flat, rewriting.of(pin.value())));
                }
            }
            add(path, instance.module(), inner);
        }
    }

    private Memory memory(String prefix, Memory memory, Net[] map, Rewriting rewriting) {
        return new Memory(
                memories.size(),
                prefix + memory.name(),
                memory.width(),
                memory.depth(),
                memory.contents(),
                memory.writes().stream()
                        .map(w -> new Memory.WritePort(
                                clock(map, w.clock()),
                                rewriting.of(w.enable()),
                                rewriting.of(w.address()),
                                rewriting.of(w.data()),
                                w.mask().map(rewriting::of),
                                w.location()))
                        .toList(),
                memory.reads().stream()
                        .map(r -> new Memory.ReadPort(
                                map[r.data().id()],
                                clock(map, r.clock()),
                                rewriting.of(r.enable()),
                                rewriting.of(r.address()),
                                r.location()))
                        .toList(),
                memory.location());
    }

    private Clock clock(Net[] map, Clock clock) {
        return clocks.get(map[clock.clock().id()]);
    }

    /** Carries expressions over to the flat nets and memories. */
    private record Rewriting(Net[] map, int firstMemory, String prefix) {
        Expression of(Expression expression) {
            return switch (expression) {
                case Expression.Constant e -> e;
                case Expression.Ref e -> new Expression.Ref(map[e.net().id()]);
                case Expression.Unary e -> new Expression.Unary(e.operator(), of(e.operand()));
                case Expression.Binary e -> new Expression.Binary(e.operator(), of(e.left()), of(e.right()));
                case Expression.Mux e -> new Expression.Mux(of(e.condition()), of(e.whenTrue()), of(e.whenFalse()));
                case Expression.Slice e -> new Expression.Slice(of(e.operand()), e.high(), e.low());
                case Expression.Concat e ->
                    new Expression.Concat(e.parts().stream().map(this::of).toList());
                case Expression.Extend e -> new Expression.Extend(of(e.operand()), e.width());
                case Expression.Reinterpret e -> new Expression.Reinterpret(of(e.operand()), e.signed());
                case Expression.Lookup e ->
                    new Expression.Lookup(firstMemory + e.memory(), prefix + e.name(), of(e.address()), e.width());
            };
        }
    }
}
