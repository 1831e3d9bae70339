package tilewright.hw.lang;

import java.util.LinkedHashMap;
import java.util.Map;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Module;

/** Finds the clocks that a component needs, for itself and for its children. */
final class ClockUses {
    private final ModuleBuilder builder;
    private final Map<ClockDomain, Boolean> found = new LinkedHashMap<>();

    private ClockUses(ModuleBuilder builder) {
        this.builder = builder;
    }

    /** The domains in use, the component's own first, and whether anything of them is reset. */
    static Map<ClockDomain, Boolean> of(ModuleBuilder builder, Map<ModuleBuilder, Module> children) {
        ClockUses uses = new ClockUses(builder);
        uses.collect(children);
        Map<ClockDomain, Boolean> sorted = new LinkedHashMap<>();
        if (uses.found.containsKey(builder.local)) {
            sorted.put(builder.local, uses.found.get(builder.local));
        }
        sorted.putAll(uses.found);
        return sorted;
    }

    private void collect(Map<ModuleBuilder, Module> children) {
        for (Node.NetNode net : builder.nets) {
            if (net.kind == Node.NetKind.REGISTER) {
                use(net.domain, net.init != null);
            } else if (net.kind == Node.NetKind.READ) {
                use(net.domain, false);
            }
        }
        builder.memories.forEach(memory -> memory.writes.forEach(write -> use(write.domain(), false)));
        builder.claims.forEach(claim -> use(claim.domain(), false));
        for (ModuleBuilder child : builder.children) {
            for (Clock clock : children.get(child).clocks()) {
                use(outside(child, clock.name()), clock.reset().isPresent());
            }
        }
        if (builder.vendor != null && builder.vendor.inputs().stream().anyMatch(in -> in.value() == null)) {
            use(builder.local, false);
        }
    }

    private void use(ClockDomain domain, boolean reset) {
        found.merge(domain, reset, Boolean::logicalOr);
    }

    /** What a clock of a child is called in the component around it. */
    static ClockDomain outside(ModuleBuilder child, String name) {
        if (child.local.name().equals(name)) {
            return child.outer;
        }
        return child.foreignDomains().get(name);
    }
}
