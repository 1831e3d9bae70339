package tilewright.compiler.report;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tilewright.model.InvalidInputException;

/**
 * Writes what a run with experts on demand did as one self-contained HTML page: styles and pictures are inside, it asks for
 * nothing and runs no script. The same data gives the same bytes.
 */
public final class StreamedRunReport {
    private StreamedRunReport() {}

    /**
     * Checks before the run that a page can be written.
     *
     * @throws InvalidInputException when the file is a folder, or is to be in one that is not there
     */
    public static void check(Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        if (folder == null || Files.isDirectory(file)) {
            throw new InvalidInputException(file + ": is a folder; name a file for the report");
        }
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new InvalidInputException(
                    file + ": the report cannot be written there; is " + folder + " a writable folder?");
        }
    }

    /**
     * Writes the page to a file, which is replaced when it exists and left as it was when writing fails.
     *
     * @throws UncheckedIOException when the file cannot be written
     */
    public static void write(StreamedRun run, Path file) {
        page(run).write(file);
    }

    /** The page; well-formed as HTML and as XML. */
    public static String render(StreamedRun run) {
        return page(run).render();
    }

    private static HtmlPage page(StreamedRun run) {
        return new HtmlPage(
                run.model() + ", experts on demand",
                run.version(),
                List.of("report.css", "streamed.css"),
                StreamedHeadline.of(run),
                List.of(
                        TimelineSection.of(run),
                        ExpertMapSection.uses(run),
                        ExpertMapSection.reads(run),
                        BudgetSection.of(run),
                        StreamedFigures.of(run),
                        StreamedFigures.settings(run)),
                "All figures were measured in this run.");
    }
}
