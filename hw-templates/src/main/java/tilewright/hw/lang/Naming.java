package tilewright.hw.lang;

import java.lang.reflect.Array;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.SourceLocation;

/** Names signals, memories and children after the fields that hold them. */
final class Naming {
    private final ModuleBuilder module;
    private final Problems problems;
    private final Map<String, Object> taken = new HashMap<>();

    private Naming(ModuleBuilder module, Problems problems) {
        this.module = module;
        this.problems = problems;
    }

    /** Names everything in a component and its children. */
    static void name(ModuleBuilder module, Problems problems) {
        new Naming(module, problems).run();
        module.children.forEach(child -> name(child, problems));
    }

    private void run() {
        Fields.of(module.component, Component.class, this::field);
        Fields.Unique unique = new Fields.Unique();
        for (ModuleBuilder child : module.children) {
            if (child.name != null) {
                unique.of(child.name);
            }
        }
        for (ModuleBuilder child : module.children) {
            if (child.name == null) {
                String hinted = child.hint == null ? null : Uses.hinted(module, child.hint);
                String type = child.component.moduleName();
                child.name =
                        unique.of(hinted != null ? hinted : Character.toLowerCase(type.charAt(0)) + type.substring(1));
            }
            claim(child.name, child, child.at);
        }
        for (MemoryNode memory : module.memories) {
            if (memory.name == null) {
                memory.name = unique.of("memory");
            }
            claim(memory.name, memory, memory.at);
        }
        for (Node.NetNode net : module.nets) {
            if (net.name != null) {
                claim(net.name, net, net.at);
            } else if (net.isPort()) {
                problems.add(
                        Finding.Rule.NAME,
                        net.at,
                        module,
                        net,
                        () -> "a port has no name; keep it in a field of the component");
            }
        }
        Keywords.objection(module.component.moduleName())
                .ifPresent(why -> problems.add(Finding.Rule.NAME, module.at, module, (String) null, () -> why));
    }

    private void claim(String name, Object what, SourceLocation at) {
        Keywords.objection(name).ifPresent(why -> problems.add(Finding.Rule.NAME, at, module, name, () -> why));
        Object other = taken.putIfAbsent(name, what);
        if (other != null && other != what) {
            problems.add(Finding.Rule.NAME, at, module, name, () -> "two things are called '" + name + "'; rename one");
        }
    }

    private void field(String name, Object value) {
        switch (value) {
            case Data data -> data(name, data);
            case Component child -> {
                if (child.builder.parent == module && child.builder.name == null) {
                    child.builder.name = name;
                }
            }
            case Mem<?> memory -> {
                if (memory.node().owner == module && memory.node().name == null) {
                    memory.node().name = name;
                }
            }
            case Area area -> Fields.of(area, Object.class, (field, part) -> field(name + "_" + field, part));
            case Optional<?> optional -> optional.ifPresent(content -> field(name, content));
            case Collection<?> list -> {
                int index = 0;
                for (Object element : list) {
                    field(name + "_" + index++, element);
                }
            }
            case Object[] array -> {
                for (int i = 0; i < Array.getLength(array); i++) {
                    if (array[i] != null) {
                        field(name + "_" + i, array[i]);
                    }
                }
            }
            default -> {
                // Parameters of the component: numbers, types, functions.
            }
        }
    }

    private void data(String name, Data data) {
        data.visit(name, false, new Data.Visitor() {
            @Override
            public void leaf(String leafName, boolean flipped, Signal signal) {
                Node node = signal.isBound() ? signal.node() : null;
                boolean own = node instanceof Node.Operation || node instanceof Node.NetNode net && net.owner == module;
                if (own && node.name == null) {
                    node.name = leafName;
                }
            }

            @Override
            public void bundle(String bundleName, Bundle bundle) {
                if (bundle instanceof ReadyValid stream) {
                    stream(bundleName, stream);
                }
                if (bundle instanceof Channels several) {
                    several.channels().forEach((channel, stream) -> stream(Data.join(bundleName, channel), stream));
                }
            }
        });
    }

    private void stream(String name, ReadyValid stream) {
        if (isOwn(stream.validSignal()) && isOwn(stream.readySignal())) {
            module.streams.add(new ModuleBuilder.NamedStream(name, stream));
        }
    }

    private boolean isOwn(Bool signal) {
        return signal != null && signal.isBound() && signal.node() instanceof Node.NetNode net && net.owner == module;
    }
}
