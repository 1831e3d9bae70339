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
 * Writes a build's report as one self-contained HTML page: styles and pictures are inside, it asks for nothing and runs no
 * script. The same data gives the same bytes.
 */
public final class HtmlReport {
    private static final String FOLDER = "/tilewright/compiler/report/";

    private HtmlReport() {}

    /**
     * Writes the page to a file, which is replaced when it exists and left as it was when writing fails.
     *
     * @throws UncheckedIOException when the file cannot be written
     */
    public static void write(ReportData data, Path file) {
        String page = render(data);
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

    /** The page; well-formed as HTML and as XML. */
    public static String render(ReportData data) {
        List<Map<String, String>> sections = List.of(
                        DiagramSection.of(data),
                        TimeSection.of(data),
                        ResourceSection.of(data),
                        EstimateSection.of(data),
                        AgreementSection.of(data),
                        ErrorSection.of(data),
                        RouterSection.of(data),
                        CalibrationSection.of(data),
                        PlacementSection.of(data),
                        BuildSections.plan(data),
                        BuildSections.artefacts(data))
                .stream()
                .map(HtmlReport::variables)
                .toList();
        VelocityContext context = new VelocityContext();
        context.put(
                "title",
                Markup.escape(data.summary().model() + " on " + data.summary().board()));
        context.put("version", Markup.escape(data.summary().version()));
        context.put("style", resource("report.css"));
        context.put("headline", Headline.of(data).toString());
        context.put("sections", sections);
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
        try (InputStream in = HtmlReport.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + FOLDER + name + " is missing; rebuild");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + FOLDER + name + " cannot be read; rebuild", e);
        }
    }
}
