package tilewright.hw.lang.emit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tilewright.hw.lang.design.Assertion;
import tilewright.hw.lang.design.Assignment;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Instance;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Net;
import tilewright.hw.lang.design.Primitive;
import tilewright.hw.lang.design.Reads;
import tilewright.hw.lang.design.Register;
import tilewright.hw.lang.design.UnusedBits;

/** Prints the parts of a module, line by line. */
final class ModulePrinter {
    private static final int WIDEST = 110;

    private final Module module;
    private final List<String> lines = new ArrayList<>();

    ModulePrinter(Module module) {
        this.module = module;
    }

    /** The ports' declarations. */
    List<String> ports() {
        return module.ports().stream()
                .map(net -> (net.kind() == Net.Kind.OUTPUT ? "output " : "input  ") + declaration(net))
                .toList();
    }

    /** Everything between the ports and {@code endmodule}. */
    List<String> body() {
        labels();
        Set<Net> guarded = module.registers().stream()
                .filter(Register::crossing)
                .map(Register::net)
                .collect(Collectors.toSet());
        section(module.nets().stream()
                .filter(net -> !net.isPort())
                .map(net -> (guarded.contains(net) ? "(* ASYNC_REG = \"TRUE\" *) " : "") + declaration(net) + ";")
                .toList());
        MemoryPrinter memories = new MemoryPrinter(module);
        section(memories.declarations());
        section(module.assignments().stream().flatMap(a -> assign(a).stream()).toList());
        module.instances().forEach(this::instance);
        memories.contents().forEach(this::section);
        new RegisterPrinter(module).blocks().forEach(this::section);
        memories.ports().forEach(this::section);
        assertions();
        unused();
        return lines;
    }

    private void section(List<String> text) {
        if (text.isEmpty()) {
            return;
        }
        if (!lines.isEmpty()) {
            lines.add("");
        }
        text.forEach(line -> lines.add("  " + line));
    }

    static String declaration(Net net) {
        return "logic " + (net.signed() ? "signed " : "") + (net.width() > 1 ? "[" + (net.width() - 1) + ":0] " : "")
                + net.name();
    }

    private void labels() {
        Map<String, Expression.Constant> labels = new TreeMap<>();
        expressions().forEach(e -> collect(e, labels));
        section(labels.values().stream()
                .map(c -> "localparam logic " + (c.width() > 1 ? "[" + (c.width() - 1) + ":0] " : "") + c.label()
                        + " = " + ExpressionPrinter.constant(new Expression.Constant(c.value(), c.width(), false, ""))
                        + ";")
                .toList());
    }

    private List<Expression> expressions() {
        List<Expression> all = new ArrayList<>();
        module.assignments().forEach(a -> all.add(a.value()));
        module.registers().forEach(r -> all.add(r.next()));
        module.memories().forEach(m -> {
            m.writes().forEach(w -> all.addAll(List.of(w.enable(), w.address(), w.data())));
            m.reads().forEach(r -> all.addAll(List.of(r.enable(), r.address())));
        });
        module.instances().forEach(i -> i.inputs().forEach(pin -> all.add(pin.value())));
        module.assertions().forEach(a -> all.add(a.condition()));
        return all;
    }

    private static void collect(Expression expression, Map<String, Expression.Constant> labels) {
        if (expression instanceof Expression.Constant c && !c.label().isEmpty()) {
            labels.put(c.label(), c);
        }
        expression.operands().forEach(operand -> collect(operand, labels));
    }

    /** One line, or, where that is long and there are choices, one line for each. */
    private static List<String> assign(Assignment a) {
        String start = "assign " + a.target().name() + " = ";
        String whole = start + ExpressionPrinter.driver(a.value()) + ";";
        if (whole.length() <= WIDEST || !(a.value() instanceof Expression.Mux)) {
            return List.of(whole);
        }
        List<String> result = new ArrayList<>();
        String indent = " ".repeat(start.length() - 2);
        Expression rest = a.value();
        while (rest instanceof Expression.Mux mux) {
            String choice =
                    ExpressionPrinter.operand(mux.condition()) + " ? " + ExpressionPrinter.operand(mux.whenTrue());
            result.add(result.isEmpty() ? start + choice : indent + ": " + choice);
            rest = mux.whenFalse();
        }
        result.add(indent + ": " + ExpressionPrinter.text(rest) + ";");
        return result;
    }

    private void instance(Instance instance) {
        Map<Integer, String> pins = new TreeMap<>();
        instance.inputs()
                .forEach(pin -> pins.put(
                        pin.port().id(), "." + pin.port().name() + "(" + ExpressionPrinter.driver(pin.value()) + ")"));
        instance.outputs()
                .forEach(pin -> pins.put(
                        pin.port().id(),
                        "." + pin.port().name() + "(" + pin.net().name() + ")"));
        block(instance.module().name() + " " + instance.name(), List.copyOf(pins.values()));
    }

    private void block(String start, List<String> pins) {
        List<String> text = new ArrayList<>();
        text.add(start + " (");
        for (int i = 0; i < pins.size(); i++) {
            text.add("  " + pins.get(i) + (i + 1 < pins.size() ? "," : ""));
        }
        text.add(");");
        section(text);
    }

    private void assertions() {
        if (module.assertions().isEmpty()) {
            return;
        }
        lines.add("`ifndef SYNTHESIS");
        boolean mixed = module.clocks().stream().anyMatch(clock -> clock.asynchronous());
        if (mixed) {
            lines.add("  /* verilator lint_off SYNCASYNCNET */");
        }
        for (Assertion a : module.assertions()) {
            String guard =
                    a.clock().reset().map(reset -> "!" + reset.name() + " && ").orElse("");
            lines.add("  always @(posedge " + a.clock().clock().name() + ")");
            lines.add("    if (" + guard + "!(" + ExpressionPrinter.text(a.condition()) + "))");
            lines.add("      $fatal(1, \"" + escaped(a.location() + ": " + a.message()) + "\");");
        }
        if (mixed) {
            lines.add("  /* verilator lint_on SYNCASYNCNET */");
        }
        lines.add("`endif");
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("%", "%%")
                .replace("\n", " ");
    }

    /** Says what nothing reads, in the form that linters take as intended. */
    private void unused() {
        List<UnusedBits.Unused> unused = UnusedBits.of(module);
        if (unused.isEmpty()) {
            return;
        }
        String name = "unused";
        while (isTaken(name)) {
            name += "_bits";
        }
        String bits = unused.stream()
                .map(u -> u.isWhole()
                        ? u.net().name()
                        : ExpressionPrinter.bits(u.net().name(), u.high(), u.low()))
                .collect(Collectors.joining(", "));
        section(List.of("logic " + name + ";", "assign " + name + " = &{1'b0, " + bits + "};"));
    }

    private boolean isTaken(String name) {
        return module.nets().stream().anyMatch(net -> net.name().equals(name))
                || module.instances().stream().anyMatch(i -> i.name().equals(name))
                || module.memories().stream().anyMatch(m -> m.name().equals(name));
    }

    /** The vendor's primitive in place of the body; empty when there is none. */
    List<String> primitive() {
        if (module.primitive().isEmpty()) {
            return List.of();
        }
        Primitive p = module.primitive().get();
        List<String> text = new ArrayList<>();
        Map<String, String> pins = new LinkedHashMap<>();
        p.inputs().forEach(in -> pins.put(in.pin(), ExpressionPrinter.driver(in.value())));
        Map<String, Integer> widths = new LinkedHashMap<>();
        p.outputs().forEach(out -> widths.merge(out.pin(), out.width(), Math::max));
        widths.forEach((pin, width) -> {
            text.add("  logic " + (width > 1 ? "[" + (width - 1) + ":0] " : "") + pin + "_pin;");
            pins.put(pin, pin + "_pin");
        });
        p.outputs().forEach(out -> {
            String pin = out.pin() + "_pin";
            String bits = out.width() == 1 ? pin : ExpressionPrinter.bits(pin, out.high(), out.low());
            int top = out.offset() + out.high() - out.low();
            String target = out.net().name();
            boolean isWhole = out.offset() == 0 && top == out.net().width() - 1;
            text.add("  assign " + (isWhole ? target : ExpressionPrinter.bits(target, top, out.offset())) + " = " + bits
                    + ";");
        });
        text.addAll(wires(p));
        text.add("");
        if (p.parameters().isEmpty()) {
            text.add("  " + p.name() + " primitive_0 (");
        } else {
            text.add("  " + p.name() + " #(");
            list(p.parameters(), text);
            text.add("  ) primitive_0 (");
        }
        list(pins, text);
        text.add("  );");
        return text;
    }

    /** The wires between the module's inputs and the primitive's. */
    private List<String> wires(Primitive p) {
        Map<Net, Assignment> drivers = new LinkedHashMap<>();
        module.assignments().forEach(a -> drivers.put(a.target(), a));
        Set<Net> needed = new LinkedHashSet<>();
        p.inputs().forEach(in -> need(in.value(), drivers, needed));
        List<String> text = new ArrayList<>();
        needed.forEach(net -> text.add("  " + declaration(net) + ";"));
        needed.forEach(net -> assign(drivers.get(net)).forEach(line -> text.add("  " + line)));
        return text;
    }

    private static void need(Expression value, Map<Net, Assignment> drivers, Set<Net> needed) {
        for (Net net : Reads.of(value)) {
            if (!net.isPort() && drivers.containsKey(net) && needed.add(net)) {
                need(drivers.get(net).value(), drivers, needed);
            }
        }
    }

    private static void list(Map<String, String> entries, List<String> text) {
        int left = entries.size();
        for (Map.Entry<String, String> entry : entries.entrySet()) {
            left--;
            text.add("    ." + entry.getKey() + "(" + entry.getValue() + ")" + (left > 0 ? "," : ""));
        }
    }
}
