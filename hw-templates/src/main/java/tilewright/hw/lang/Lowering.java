package tilewright.hw.lang;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Module;

/** Makes the modules of a design, children first; components whose bodies are equal share one. */
final class Lowering {
    private final Problems problems;
    private final Map<String, Module> byBody = new LinkedHashMap<>();
    private final Map<String, Integer> names = new LinkedHashMap<>();
    private final List<Module> modules = new ArrayList<>();
    private final Map<ModuleBuilder, Module> made = new IdentityHashMap<>();

    Lowering(Problems problems) {
        this.problems = problems;
    }

    /** The design whose top this is, not yet checked as a whole. */
    Design design(ModuleBuilder top) {
        lower(top);
        return new Design(List.copyOf(modules), List.of());
    }

    private Module lower(ModuleBuilder builder) {
        builder.children.forEach(this::lower);
        String name = builder.component.moduleName();
        Module module = new ModuleLowering(builder, made, problems).module(name);
        String body = Fingerprint.of(module);
        Module shared = byBody.get(body);
        if (shared == null) {
            int number = names.merge(name, 1, Integer::sum);
            shared = number == 1 ? module : renamed(module, name + "_" + number);
            byBody.put(body, shared);
            modules.add(shared);
        }
        made.put(builder, shared);
        return shared;
    }

    private static Module renamed(Module m, String name) {
        return new Module(
                name,
                m.component(),
                m.location(),
                m.nets(),
                m.clocks(),
                m.assignments(),
                m.registers(),
                m.memories(),
                m.instances(),
                m.assertions(),
                m.streams(),
                m.inputClocks(),
                m.primitive());
    }
}
