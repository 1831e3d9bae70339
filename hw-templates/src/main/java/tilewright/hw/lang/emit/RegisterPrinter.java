package tilewright.hw.lang.emit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Module;
import tilewright.hw.lang.design.Register;

/** Prints registers: one block for each clock, choices as nested {@code if}. */
final class RegisterPrinter {
    private record Update(Register register, Expression next) {
        boolean isHold() {
            return next instanceof Expression.Ref ref && ref.net().equals(register.net());
        }
    }

    private record Group(Clock clock, boolean reset) {}

    private final Module module;

    RegisterPrinter(Module module) {
        this.module = module;
    }

    /** One list of lines for each block. */
    List<List<String>> blocks() {
        Map<Group, List<Register>> groups = new LinkedHashMap<>();
        for (Register register : module.registers()) {
            groups.computeIfAbsent(new Group(register.clock(), register.reset().isPresent()), _ -> new ArrayList<>())
                    .add(register);
        }
        List<List<String>> blocks = new ArrayList<>();
        groups.forEach((group, registers) -> blocks.add(block(group, registers)));
        return blocks;
    }

    private static List<String> block(Group group, List<Register> registers) {
        List<String> text = new ArrayList<>();
        Clock clock = group.clock;
        String reset = group.reset ? clock.reset().orElseThrow().name() : "";
        String also = group.reset && clock.asynchronous() ? " or posedge " + reset : "";
        text.add("always_ff @(posedge " + clock.clock().name() + also + ") begin");
        List<Update> updates =
                registers.stream().map(r -> new Update(r, r.next())).toList();
        if (group.reset) {
            text.add("  if (" + reset + ") begin");
            for (Register r : registers) {
                Expression.Constant value = new Expression.Constant(
                        r.reset().orElseThrow(), r.net().width(), r.net().signed(), "");
                text.add("    " + r.net().name() + " <= " + ExpressionPrinter.text(value) + ";");
            }
            List<String> inner = new ArrayList<>();
            print(updates, "    ", inner);
            if (inner.isEmpty()) {
                text.add("  end");
            } else {
                text.add("  end else begin");
                text.addAll(inner);
                text.add("  end");
            }
        } else {
            print(updates, "  ", text);
        }
        text.add("end");
        return text;
    }

    /** Prints updates; runs of neighbours under one condition share its {@code if}. */
    private static void print(List<Update> updates, String indent, List<String> text) {
        int from = 0;
        while (from < updates.size()) {
            Update first = updates.get(from);
            if (first.isHold()) {
                from++;
            } else if (first.next instanceof Expression.Mux mux) {
                int to = from + 1;
                while (to < updates.size()
                        && updates.get(to).next instanceof Expression.Mux other
                        && other.condition().equals(mux.condition())) {
                    to++;
                }
                choice(mux.condition(), updates.subList(from, to), indent, text);
                from = to;
            } else {
                text.add(indent + first.register.net().name() + " <= " + ExpressionPrinter.driver(first.next) + ";");
                from++;
            }
        }
    }

    private static void choice(Expression condition, List<Update> updates, String indent, List<String> text) {
        List<String> whenTrue = new ArrayList<>();
        List<String> whenFalse = new ArrayList<>();
        print(branch(updates, true), indent + "  ", whenTrue);
        print(branch(updates, false), indent + "  ", whenFalse);
        String test = ExpressionPrinter.text(condition);
        if (whenTrue.isEmpty()) {
            if (!whenFalse.isEmpty()) {
                text.add(indent + "if (!(" + test + ")) begin");
                text.addAll(whenFalse);
                text.add(indent + "end");
            }
            return;
        }
        text.add(indent + "if (" + test + ") begin");
        text.addAll(whenTrue);
        boolean isElseIf = !whenFalse.isEmpty()
                && whenFalse.getFirst().startsWith(indent + "  if (")
                && isOneStatement(whenFalse, indent + "  ");
        if (isElseIf) {
            text.add(indent + "end else " + whenFalse.getFirst().strip());
            whenFalse.subList(1, whenFalse.size()).forEach(line -> text.add(line.substring(2)));
        } else {
            if (!whenFalse.isEmpty()) {
                text.add(indent + "end else begin");
                text.addAll(whenFalse);
            }
            text.add(indent + "end");
        }
    }

    private static boolean isOneStatement(List<String> text, String indent) {
        long ends = text.stream().filter(line -> line.equals(indent + "end")).count();
        return ends == 1 && text.getLast().equals(indent + "end");
    }

    private static List<Update> branch(List<Update> updates, boolean side) {
        return updates.stream()
                .map(u -> {
                    Expression.Mux mux = (Expression.Mux) u.next;
                    return new Update(u.register, side ? mux.whenTrue() : mux.whenFalse());
                })
                .toList();
    }
}
