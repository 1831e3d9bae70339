package tilewright.compiler.report;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a build's report as one self-contained HTML page: styles and pictures are inside, it asks for nothing and runs no
 * script. The same data gives the same bytes.
 */
public final class HtmlReport {
    private HtmlReport() {}

    /**
     * Writes the page to a file, which is replaced when it exists and left as it was when writing fails.
     *
     * @throws UncheckedIOException when the file cannot be written
     */
    public static void write(ReportData data, Path file) {
        page(data).write(file);
    }

    /** The page; well-formed as HTML and as XML. */
    public static String render(ReportData data) {
        return page(data).render();
    }

    private static HtmlPage page(ReportData data) {
        return new HtmlPage(
                data.summary().model() + " on " + data.summary().board(),
                data.summary().version(),
                List.of("report.css"),
                Headline.of(data),
                List.of(
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
                        BuildSections.artefacts(data)),
                "Estimates are the planner's; measured values come from runs named beside them.");
    }
}
