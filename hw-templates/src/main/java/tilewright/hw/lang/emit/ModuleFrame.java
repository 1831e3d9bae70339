package tilewright.hw.lang.emit;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.exception.VelocityException;
import org.apache.velocity.runtime.RuntimeConstants;
import tilewright.hw.lang.design.Module;

/** Lays a module out by the template {@code module.sv.vm}. */
final class ModuleFrame {
    private static final String TEMPLATE = "/tilewright/sv/module.sv.vm";

    private final VelocityEngine engine = new VelocityEngine();
    private final String template = resource();

    ModuleFrame() {
        engine.setProperty(RuntimeConstants.RUNTIME_REFERENCES_STRICT, true);
        engine.init();
    }

    /** The text of a module, with a newline at its end. */
    String text(Module module) {
        ModulePrinter printer = new ModulePrinter(module);
        Map<String, Object> variables = new HashMap<>();
        variables.put("name", module.name());
        variables.put("source", module.component() + ", " + module.location());
        variables.put("ports", printer.ports());
        variables.put("body", printer.body());
        variables.put("primitive", printer.primitive());
        StringWriter result = new StringWriter();
        try {
            engine.evaluate(new VelocityContext(variables), result, TEMPLATE, template);
        } catch (VelocityException e) {
            throw new IllegalStateException("template " + TEMPLATE + ": " + e.getMessage(), e);
        }
        return result.toString();
    }

    private static String resource() {
        try (InputStream in = ModuleFrame.class.getResourceAsStream(TEMPLATE)) {
            if (in == null) {
                throw new IllegalStateException("resource " + TEMPLATE + " is missing; rebuild");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("resource " + TEMPLATE + " cannot be read", e);
        }
    }
}
