package tilewright.hw.lang.emit;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.hw.lang.design.Clock;
import tilewright.hw.lang.design.Expression;
import tilewright.hw.lang.design.Memory;
import tilewright.hw.lang.design.Module;

/** Prints memories: their arrays, their contents, and one block for each port. */
final class MemoryPrinter {
    private static final int PER_LINE = 8;

    private final Module module;

    MemoryPrinter(Module module) {
        this.module = module;
    }

    List<String> declarations() {
        List<String> text = new ArrayList<>();
        for (Memory m : module.memories()) {
            boolean twoClocks =
                    m.writes().stream().map(Memory.WritePort::clock).distinct().count() > 1;
            String line = "logic " + (m.width() > 1 ? "[" + (m.width() - 1) + ":0] " : "") + m.name() + " [0:"
                    + (m.depth() - 1) + "];";
            if (twoClocks) {
                text.add("/* verilator lint_off MULTIDRIVEN */");
                text.add(line);
                text.add("/* verilator lint_on MULTIDRIVEN */");
            } else {
                text.add(line);
            }
        }
        return text;
    }

    List<List<String>> contents() {
        List<List<String>> result = new ArrayList<>();
        for (Memory m : module.memories()) {
            if (!m.contents().isEmpty()) {
                List<String> text = new ArrayList<>();
                text.add("initial begin");
                for (int i = 0; i < m.depth(); i += PER_LINE) {
                    StringBuilder line = new StringBuilder(" ");
                    for (int j = i; j < Math.min(i + PER_LINE, m.depth()); j++) {
                        line.append(' ').append(m.name()).append('[').append(j).append("] = ");
                        line.append(word(m, m.contents().get(j))).append(';');
                    }
                    text.add(line.toString());
                }
                text.add("end");
                result.add(text);
            }
        }
        return result;
    }

    private static String word(Memory memory, BigInteger value) {
        int digits = (memory.width() + 3) / 4;
        String hex = value.toString(16);
        return memory.width() + "'h" + "0".repeat(digits - hex.length()) + hex;
    }

    List<List<String>> ports() {
        List<List<String>> result = new ArrayList<>();
        for (Memory m : module.memories()) {
            Map<Clock, List<Memory.WritePort>> writes = new LinkedHashMap<>();
            m.writes()
                    .forEach(w -> writes.computeIfAbsent(w.clock(), _ -> new ArrayList<>())
                            .add(w));
            writes.forEach((clock, ports) -> {
                List<String> text = new ArrayList<>();
                text.add("always_ff @(posedge " + clock.clock().name() + ") begin");
                ports.forEach(port -> write(m, port, text));
                text.add("end");
                result.add(text);
            });
            for (Memory.ReadPort read : m.reads()) {
                String update =
                        read.data().name() + " <= " + m.name() + "[" + ExpressionPrinter.text(read.address()) + "];";
                result.add(List.of(
                        "always_ff @(posedge " + read.clock().clock().name() + ") begin",
                        "  " + guard(read.enable()) + update,
                        "end"));
            }
        }
        return result;
    }

    private static String guard(Expression enable) {
        return enable instanceof Expression.Constant c && c.value().signum() != 0
                ? ""
                : "if (" + ExpressionPrinter.text(enable) + ") ";
    }

    private static void write(Memory m, Memory.WritePort port, List<String> text) {
        String word = m.name() + "[" + ExpressionPrinter.text(port.address()) + "]";
        if (port.mask().isEmpty()) {
            text.add("  " + guard(port.enable()) + word + " <= " + ExpressionPrinter.driver(port.data()) + ";");
            return;
        }
        Expression mask = port.mask().get();
        int lane = m.width() / mask.width();
        text.add("  " + guard(port.enable()) + "begin");
        for (int i = 0; i < mask.width(); i++) {
            String bits = bits(lane * i + lane - 1, lane * i, m.width());
            text.add("    if (" + part(mask, i, i) + ") " + word + bits + " <= "
                    + part(port.data(), lane * i + lane - 1, lane * i) + ";");
        }
        text.add("  end");
    }

    private static String part(Expression e, int high, int low) {
        if (e instanceof Expression.Constant c) {
            BigInteger value = c.value().shiftRight(low).mod(BigInteger.ONE.shiftLeft(high - low + 1));
            return ExpressionPrinter.text(new Expression.Constant(value, high - low + 1, false, ""));
        }
        return ExpressionPrinter.text(e) + bits(high, low, e.width());
    }

    private static String bits(int high, int low, int width) {
        if (width == 1) {
            return "";
        }
        return high == low ? "[" + low + "]" : "[" + high + ":" + low + "]";
    }
}
