package tilewright.hw.lang.emit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.RandomCircuit;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Evaluation;
import tilewright.hw.lang.design.Interpreter;
import tilewright.hw.lang.design.Net;

/** What is printed means to another simulator what the design means. */
@Tag("hardware-tools")
class AgreementTest {
    private static final int CIRCUITS = 60;
    private static final int CYCLES = 50;

    @TempDir
    Path folder;

    @Test
    void icarusVerilogComputesWhatTheDefinitionSays() throws IOException {
        Tool.need("iverilog");
        StringBuilder bench = new StringBuilder("module bench;\n  logic clock = 0;\n  logic reset;\n");
        StringBuilder actions = new StringBuilder();
        StringBuilder modules = new StringBuilder();
        List<String> expected = new ArrayList<>();
        for (int seed = 0; seed < CIRCUITS; seed++) {
            circuit(seed, bench, actions, modules, expected);
        }
        bench.append("  initial begin\n").append(actions).append("    $finish;\n  end\nendmodule\n");
        Files.writeString(folder.resolve("bench.sv"), bench.append(modules));
        Tool tool = new Tool(folder);
        tool.run(List.of("iverilog", "-g2012", "-s", "bench", "-o", "bench.vvp", "bench.sv"));
        List<String> actual =
                tool.run(List.of("vvp", "-n", "bench.vvp")).lines().toList();
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i), actual.get(i), "seed " + i / CYCLES + ", cycle " + i % CYCLES);
        }
    }

    private static void circuit(
            int seed, StringBuilder bench, StringBuilder actions, StringBuilder modules, List<String> expected) {
        Design design = Elaboration.of(() -> new RandomCircuit(seed));
        String prefix = "s" + seed + "_";
        // Modules of one name differ from seed to seed.
        modules.append(
                SystemVerilog.text(design).replace("module RandomCircuit", "module " + prefix + "RandomCircuit"));
        List<String> pins = new ArrayList<>();
        List<Net> inputs = new ArrayList<>();
        List<Net> outputs = new ArrayList<>();
        for (Net net : design.top().ports()) {
            boolean isClock = net.kind() == Net.Kind.CLOCK || net.kind() == Net.Kind.RESET;
            pins.add("." + net.name() + "(" + (isClock ? "" : prefix) + net.name() + ")");
            if (!isClock) {
                (net.kind() == Net.Kind.INPUT ? inputs : outputs).add(net);
                bench.append("  logic [")
                        .append(net.width() - 1)
                        .append(":0] ")
                        .append(prefix)
                        .append(net.name());
                bench.append(";\n");
            }
        }
        bench.append("  ")
                .append(prefix)
                .append("RandomCircuit ")
                .append(prefix)
                .append("dut (");
        bench.append(String.join(", ", pins)).append(");\n");
        Interpreter interpreter = new Interpreter(design);
        boolean hasReset = design.top().nets().stream().anyMatch(net -> net.kind() == Net.Kind.RESET);
        Random random = new Random(seed);
        actions.append("    reset = 1; #1 clock = 1; #1 clock = 0; reset = 0;\n");
        if (hasReset) {
            interpreter.set("reset", 1);
            interpreter.step();
            interpreter.set("reset", 0);
        }
        for (int i = 0; i < CYCLES; i++) {
            for (Net net : inputs) {
                BigInteger bits = new BigInteger(net.width(), random);
                interpreter.set(net.name(), Evaluation.wrap(bits, net.width(), net.signed()));
                actions.append("    ")
                        .append(prefix)
                        .append(net.name())
                        .append(" = ")
                        .append(net.width());
                actions.append("'h").append(bits.toString(16)).append(";\n");
            }
            StringBuilder line = new StringBuilder();
            StringBuilder format = new StringBuilder();
            StringBuilder values = new StringBuilder();
            for (Net net : outputs) {
                BigInteger bits = Evaluation.wrap(interpreter.get(net.name()), net.width(), false);
                int digits = (net.width() + 3) / 4;
                line.append(String.format("%0" + digits + "x ", bits));
                format.append("%h ");
                values.append(", ").append(prefix).append(net.name());
            }
            expected.add(line.toString());
            actions.append("    #1 $display(\"").append(format).append('"').append(values);
            actions.append("); clock = 1; #1 clock = 0;\n");
            interpreter.step();
        }
    }
}
