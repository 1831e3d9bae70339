package tilewright.hw.lang;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import tilewright.hw.lang.design.Finding;

/** Holds a vendor's primitive to be a replacement of the whole body: fed by inputs, driving every output. */
final class VendorRules {
    private final String pin;
    private final ModuleBuilder module;
    private final Problems problems;
    private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private VendorRules(String pin, ModuleBuilder module, Problems problems) {
        this.pin = pin;
        this.module = module;
        this.problems = problems;
    }

    /** Checks that an input pin depends on nothing that the primitive replaces. */
    static void check(String pin, Node value, ModuleBuilder module, Problems problems) {
        new VendorRules(pin, module, problems).visit(value);
    }

    private void visit(Node node) {
        if (!seen.add(node)) {
            return;
        }
        if (node instanceof Node.Operation op) {
            op.operands.forEach(this::visit);
        } else if (node instanceof Node.NetNode net && net.kind == Node.NetKind.WIRE && net.owner == module) {
            visit(net.driver);
        } else if (node instanceof Node.NetNode net && (net.kind != Node.NetKind.INPUT || net.owner != module)) {
            problems.add(
                    Finding.Rule.STRUCTURE,
                    module.vendor.at(),
                    module,
                    net,
                    () -> "pin " + pin + " of " + module.vendor.name()
                            + " is driven by it, which the primitive replaces; drive the pin from inputs of the component");
        }
    }

    /** Checks that the primitive drives every output. */
    static void outputs(ModuleBuilder module, Problems problems) {
        for (Node.NetNode net : module.nets) {
            boolean isDriven = module.vendor.outputs().stream().anyMatch(out -> out.net() == net);
            if (net.kind == Node.NetKind.OUTPUT && !isDriven) {
                problems.add(
                        Finding.Rule.UNDRIVEN,
                        net.at,
                        module,
                        net,
                        () -> "no pin of " + module.vendor.name() + " drives the output; name one with output(...)");
            }
        }
    }
}
