package tilewright.hw.lang.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.Memory;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;
import tilewright.hw.lang.design.Reads;
import tilewright.hw.lang.design.Register;
import tilewright.hw.lang.design.SourceLocation;

/** Finds registers and memory ports that take, without a guard, what changes with another clock. */
final class ClockCrossings {
    private final Dependencies dependencies;
    private final String top;
    private final Map<Net, Map<String, Net>> origins = new HashMap<>();
    private final List<Finding> findings = new ArrayList<>();

    private ClockCrossings(Dependencies dependencies, String top) {
        this.dependencies = dependencies;
        this.top = top;
        Module module = dependencies.module;
        module.registers().forEach(r -> origins.put(r.net(), Map.of(r.clock().name(), r.net())));
        module.memories()
                .forEach(m -> m.reads()
                        .forEach(r -> origins.put(r.data(), Map.of(r.clock().name(), r.data()))));
        module.inputClocks().forEach((net, clock) -> origins.put(net, Map.of(clock, net)));
    }

    /** The crossings of a flat module without loops. */
    static List<Finding> of(Dependencies dependencies, String top) {
        ClockCrossings crossings = new ClockCrossings(dependencies, top);
        for (Register r : dependencies.module.registers()) {
            if (!r.crossing()) {
                crossings.judge(r.net().name(), r.net().location(), r.clock(), r.next());
            }
        }
        for (Memory m : dependencies.module.memories()) {
            for (Memory.WritePort w : m.writes()) {
                for (Expression e : List.of(w.enable(), w.address(), w.data())) {
                    crossings.judge(m.name(), w.location(), w.clock(), e);
                }
            }
            for (Memory.ReadPort r : m.reads()) {
                for (Expression e : List.of(r.enable(), r.address())) {
                    crossings.judge(m.name(), r.location(), r.clock(), e);
                }
            }
        }
        return crossings.findings;
    }

    private void judge(String name, SourceLocation at, Clock clock, Expression value) {
        originsOf(value).forEach((origin, net) -> {
            if (!origin.equals(clock.name())) {
                findings.add(new Finding(
                        Finding.Rule.CLOCK_CROSSING,
                        at,
                        top + "." + name,
                        "it is clocked by '" + clock.name() + "' and takes '" + net.name() + "' of '" + origin
                                + "'; pass one bit through Crossing.synchronise(...), words through a crossing FIFO"));
            }
        });
    }

    /** The names of the clocks with which a value changes, each with a net that brings it in. */
    private Map<String, Net> originsOf(Expression value) {
        Map<String, Net> result = new LinkedHashMap<>();
        for (Net net : Reads.of(value)) {
            originsOf(net).forEach(result::putIfAbsent);
        }
        lookups(value, result);
        return result;
    }

    private Map<String, Net> originsOf(Net net) {
        Map<String, Net> known = origins.get(net);
        if (known == null) {
            Expression driver = dependencies.driver(net);
            known = driver == null ? Map.of() : originsOf(driver);
            origins.put(net, known);
        }
        return known;
    }

    /** What is read at once from a memory changes with the clock that writes it. */
    private void lookups(Expression value, Map<String, Net> result) {
        if (value instanceof Expression.Lookup lookup) {
            dependencies
                    .module
                    .memories()
                    .get(lookup.memory())
                    .writes()
                    .forEach(w -> Reads.of(w.data()).stream()
                            .findFirst()
                            .ifPresent(net -> result.putIfAbsent(w.clock().name(), net)));
        }
        value.operands().forEach(operand -> lookups(operand, result));
    }
}
