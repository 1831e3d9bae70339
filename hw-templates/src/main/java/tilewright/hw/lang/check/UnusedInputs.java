package tilewright.hw.lang.check;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Finding;
import tilewright.hw.lang.design.Instance;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;
import tilewright.hw.lang.design.UnusedBits;

/** Finds inputs that nothing reads; once for each module, under the path of its first instance. */
final class UnusedInputs {
    private final Set<Module> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Finding> findings = new ArrayList<>();

    private UnusedInputs() {}

    static List<Finding> of(Design design) {
        UnusedInputs unused = new UnusedInputs();
        unused.visit(design.top().component(), design.top());
        return unused.findings;
    }

    private void visit(String path, Module module) {
        if (!seen.add(module)) {
            return;
        }
        for (UnusedBits.Unused bits : UnusedBits.of(module)) {
            if (bits.net().kind() == Net.Kind.INPUT && bits.isWhole()) {
                findings.add(new Finding(
                        Finding.Rule.UNUSED_INPUT,
                        bits.net().location(),
                        path + "." + bits.net().name(),
                        "nothing reads it; remove it, or use it"));
            }
        }
        for (Instance instance : module.instances()) {
            visit(path + "." + instance.name(), instance.module());
        }
    }
}
