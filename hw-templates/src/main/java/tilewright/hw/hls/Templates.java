package tilewright.hw.hls;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.exception.VelocityException;
import org.apache.velocity.runtime.RuntimeConstants;

/**
 * Fills in the Velocity templates of this package.
 *
 * <p>Lines of the C preprocessor ({@code #include}, {@code #pragma}, ...) look like Velocity's directives: they are
 * hidden from it, apart from their variables. A template may write {@code [#]} and {@code [$]} for a literal
 * {@code #} and {@code $}.
 */
final class Templates {
    private static final String FOLDER = "/tilewright/hls/";
    private static final String HASH = "\u0001";
    private static final String DOLLAR = "\u0002";
    private static final Pattern PREPROCESSOR =
            Pattern.compile("(?m)^(\\s*)#(?=(include|pragma|define|ifndef|ifdef|endif)\\b)");
    private static final Pattern TCL_COMMENT = Pattern.compile("(?m)^#(?= )");

    private final VelocityEngine engine = new VelocityEngine();
    private final Map<String, Object> variables;

    /** Templates with these variables. */
    Templates(Map<String, Object> variables) {
        this.variables = variables;
        engine.setProperty(RuntimeConstants.RUNTIME_REFERENCES_STRICT, true);
        engine.init();
    }

    /**
     * The text of a template, whose file is {@code name + ".vm"}.
     *
     * @throws IllegalStateException if a variable is not resolved
     */
    String render(String name) {
        String text = resource(name + ".vm").replace("[#]", HASH).replace("[$]", DOLLAR);
        text = TCL_COMMENT
                .matcher(PREPROCESSOR.matcher(text).replaceAll("$1" + Matcher.quoteReplacement(HASH)))
                .replaceAll(HASH);
        StringWriter result = new StringWriter();
        try {
            engine.evaluate(new VelocityContext(new java.util.HashMap<>(variables)), result, name, text);
        } catch (VelocityException e) {
            throw new IllegalStateException("template " + name + ": " + e.getMessage(), e);
        }
        return result.toString().replace(HASH, "#").replace(DOLLAR, "$");
    }

    private static String resource(String name) {
        try (InputStream in = Templates.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + FOLDER + name + " is missing; rebuild");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("resource " + FOLDER + name + " cannot be read", e);
        }
    }
}
