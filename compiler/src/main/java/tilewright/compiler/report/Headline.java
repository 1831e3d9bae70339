package tilewright.compiler.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import tilewright.compiler.report.ReportData.Estimate;
import tilewright.compiler.report.ReportData.Level;
import tilewright.compiler.report.ReportData.Measured;
import tilewright.compiler.report.ReportData.Note;
import tilewright.compiler.report.ReportData.Summary;

/** The top of the page: what was built, whether it was verified, the main numbers, warnings. */
final class Headline {
    private static final String UNMEASURED = "estimate; not measured";

    private Headline() {}

    static Markup of(ReportData data) {
        Markup to = new Markup();
        Summary summary = data.summary();
        Verdict verdict = Verdict.of(data.measured(), summary.tasks());
        to.open("header").open("div").element("p", "Tilewright report", "class", "brand");
        to.element("h1", summary.model());
        List<String> facts = new ArrayList<>();
        facts.add(summary.family());
        facts.add(NumberText.compact(summary.parameters()) + " parameters");
        facts.add(summary.bits() + " bits");
        List<String> tasks =
                summary.tasks().stream().filter(task -> !task.isEmpty()).toList();
        if (!tasks.isEmpty()) {
            facts.add((tasks.size() == 1 ? "task " : "tasks ") + String.join(", ", tasks));
        }
        to.element("p", String.join(" \u00B7 ", facts), "class", "facts", "title", parameters(summary));
        List<String> board = new ArrayList<>();
        if (!summary.boardDescription().isEmpty()) {
            board.add(summary.boardDescription());
        }
        board.add(NumberText.significant(summary.clockMhz(), 6) + "\u00A0MHz");
        to.open("p", "class", "facts").element("strong", summary.board());
        to.text(" \u00B7 " + String.join(" \u00B7 ", board)).close().close();
        to.open("p", "class", "chip " + verdict.state().label()).text(verdict.text());
        to.close().close();
        tiles(to, data.estimate(), data.measured());
        notes(to, data.notes());
        return to;
    }

    private static String parameters(Summary summary) {
        return NumberText.exact(summary.parameters()) + " parameters";
    }

    private static void tiles(Markup to, Estimate estimate, Measured measured) {
        if (estimate == null) {
            to.element("p", "No estimate given.", "class", "missing");
            return;
        }
        Measured found = measured == null ? new Measured(null, null, null, null, List.of()) : measured;
        to.open("div", "class", "tiles");
        tile(to, "Latency", estimate.latencyMs(), found.latencyMs(), NumberText::time);
        tile(to, "Images per second", estimate.imagesPerSecond(), found.imagesPerSecond(), NumberText::compact);
        tile(to, "Cycles per image", estimate.cycles(), asDouble(found.cycles()), NumberText::compact);
        tile(to, "Bytes moved per image", estimate.bytesMoved(), asDouble(found.bytesMoved()), Headline::bytes);
        boolean compute = estimate.computeBoundCycles() >= estimate.memoryBoundCycles();
        meter(
                to,
                "Of the physical bound",
                estimate.fractionOfBound(),
                compute ? "compute" : "memory",
                "fraction of the bound reached",
                "estimate; bound by " + (compute ? "compute" : "memory"));
        tile(to, "Energy class", estimate.energyClass(), UNMEASURED);
        to.close();
    }

    private static Double asDouble(Long value) {
        return value == null ? null : (double) value;
    }

    private static String bytes(double bytes) {
        return NumberText.bytes((long) bytes);
    }

    private static void tile(Markup to, String label, double estimated, Double measured, DoubleFunction<String> text) {
        String note = UNMEASURED;
        if (measured != null) {
            String difference = EstimateSection.difference(estimated, measured);
            note = "estimate; measured " + text.apply(measured) + (difference.isEmpty() ? "" : " (" + difference + ")");
        }
        tile(to, label, text.apply(estimated), note);
    }

    /** One number with its name above and a note below. */
    static void tile(Markup to, String label, String value, String note) {
        to.open("div", "class", "tile").element("p", label, "class", "label");
        to.element("p", value, "class", value.length() > 10 ? "value words" : "value");
        to.element("p", note, "class", "note").close();
    }

    /** A fraction with a bar below, whose colour is a class and whose meaning {@code drawing} says. */
    static void meter(Markup to, String label, double fraction, String colour, String drawing, String note) {
        to.open("div", "class", "tile").element("p", label, "class", "label");
        to.element("p", NumberText.percent(fraction), "class", "value");
        to.open("svg", "class", "meter", "role", "img", "aria-label", drawing);
        to.empty("rect", "class", "track", "width", "100%", "rx", "3");
        double reached = Math.clamp(fraction, 0, 1) * 100;
        to.empty("rect", "class", colour, "width", NumberText.coordinate(reached) + "%", "rx", "3")
                .close();
        to.element("p", note, "class", "note").close();
    }

    /** Remarks, warnings first. */
    static void notes(Markup to, List<Note> notes) {
        if (notes.isEmpty()) {
            return;
        }
        to.open("ul", "class", "notes");
        for (Level level : List.of(Level.WARNING, Level.NOTE)) {
            for (Note note : notes) {
                if (note.level() == level) {
                    boolean warning = level == Level.WARNING;
                    to.open("li", "class", warning ? "warning" : "remark");
                    to.element("strong", warning ? "Warning" : "Note")
                            .text(" " + note.text())
                            .close();
                }
            }
        }
        to.close();
    }
}
