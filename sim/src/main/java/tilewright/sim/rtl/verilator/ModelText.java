package tilewright.sim.rtl.verilator;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tilewright.sim.rtl.Port;

/**
 * The files that a model is made of: the design, a module around it whose ports are called {@code p0}, {@code p1}, ... (names
 * that C++ does not mind), and the functions of C.
 *
 * @param name the design's
 * @param files their texts by their names
 */
record ModelText(String name, Map<String, String> files) {
    static final String TOP = "tilewright";
    static final String FUNCTIONS = "tilewright_model.cpp";
    private static final String RESOURCE = "/tilewright/sim/verilator_model.cpp";

    /** The files around a text whose top module has these ports. */
    static ModelText of(String top, String systemVerilog, List<Port> ports) {
        Map<String, String> files = new LinkedHashMap<>();
        files.put("design.sv", systemVerilog);
        files.put("tilewright.sv", around(top, ports));
        files.put("tilewright_ports.h", header(ports));
        files.put(FUNCTIONS, resource());
        return new ModelText(top, files);
    }

    private static String around(String design, List<Port> ports) {
        StringBuilder text = new StringBuilder("/* verilator lint_off DECLFILENAME */\nmodule " + TOP + " (\n");
        StringBuilder pins = new StringBuilder();
        for (Port port : ports) {
            String end = port.index() + 1 < ports.size() ? ",\n" : "\n";
            String way = port.direction() == Port.Direction.OUTPUT ? "output" : "input";
            String range = port.width() > 1 ? "[" + (port.width() - 1) + ":0] " : "";
            text.append("  %s logic %sp%d%s".formatted(way, range, port.index(), end));
            pins.append("    .%s(p%d)%s".formatted(port.name(), port.index(), end));
        }
        return text.append(");\n  %s %s (\n".formatted(design, "dut"))
                .append(pins)
                .append("  );\nendmodule\n")
                .toString();
    }

    private static String header(List<Port> ports) {
        StringBuilder all = new StringBuilder("#define TILEWRIGHT_PORTS(X)");
        StringBuilder clocks = new StringBuilder("#define TILEWRIGHT_CLOCKS(X)");
        for (Port port : ports) {
            all.append(" X(p").append(port.index()).append(')');
            if (port.direction() == Port.Direction.CLOCK) {
                clocks.append(" X(p").append(port.index()).append(')');
            }
        }
        return all.append('\n').append(clocks).append('\n').toString();
    }

    private static String resource() {
        try (InputStream in = ModelText.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("resource " + RESOURCE + " is missing; rebuild");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("resource " + RESOURCE + " cannot be read", e);
        }
    }
}
