package tilewright.compiler.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

/**
 * One self-contained HTML page: styles and pictures are inside, it asks for nothing and runs no script.
 *
 * @param title of the window, plain text
 * @param version of Tilewright
 * @param styles resources with the page's styles, in order
 * @param headline what stands above the sections
 * @param sections in order
 * @param remark ends the footer, plain text
 */
record HtmlPage(
        String title, String version, List<String> styles, Markup headline, List<Section> sections, String remark) {
    private static final String FOLDER = "/tilewright/compiler/report/";

    /** The page; well-formed as HTML and as XML. */
    String render() {
        VelocityContext context = new VelocityContext();
        context.put("title", Markup.escape(title));
        context.put("version", Markup.escape(version));
        StringBuilder style = new StringBuilder();
        styles.forEach(name -> style.append(resource(name)));
        context.put("style", style.toString());
        context.put("headline", headline.toString());
        context.put("sections", sections.stream().map(HtmlPage::variables).toList());
        context.put("remark", Markup.escape(remark));
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty("runtime.strict_mode.enable", true);
        engine.init();
        StringWriter page = new StringWriter();
        engine.evaluate(context, page, "report.html.vm", resource("report.html.vm"));
        return page.toString();
    }

    private static Map<String, String> variables(Section section) {
        return Map.of(
                "id", section.id(),
                "title", Markup.escape(section.title()),
                "lead", Markup.escape(section.lead()),
                "body", section.body().toString());
    }

    private static String resource(String name) {
        try (InputStream in = HtmlPage.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + FOLDER + name + " is missing; rebuild");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + FOLDER + name + " cannot be read; rebuild", e);
        }
    }

    /**
     * Writes the page to a file, which is replaced when it exists and left as it was when writing fails.
     *
     * @throws UncheckedIOException when the file cannot be written
     */
    void write(Path file) {
        String page = render();
        Path folder = file.toAbsolutePath().getParent();
        try {
            Path unfinished = folder.resolve("." + file.getFileName() + ".unfinished");
            try {
                Files.writeString(unfinished, page);
                Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(unfinished);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot write the report; is " + folder + " a writable folder?", e);
        }
    }
}
