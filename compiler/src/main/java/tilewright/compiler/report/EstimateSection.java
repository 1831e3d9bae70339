package tilewright.compiler.report;

import java.util.List;
import java.util.function.DoubleFunction;
import tilewright.compiler.report.ReportData.Estimate;
import tilewright.compiler.report.ReportData.Measured;

/** The estimate against the board's bounds, and beside what was measured. */
final class EstimateSection {
    private static final String UNMEASURED = "not measured";

    private EstimateSection() {}

    static Section of(ReportData data) {
        Estimate estimate = data.estimate();
        if (estimate == null) {
            return Section.missing("estimate", "Estimate and bound", "No estimate given.");
        }
        Markup to = new Markup();
        long longest = Math.max(
                1, Math.max(estimate.cycles(), Math.max(estimate.computeBoundCycles(), estimate.memoryBoundCycles())));
        Measured measured = data.measured();
        if (measured != null && measured.cycles() != null) {
            longest = Math.max(longest, measured.cycles());
        }
        to.open("div", "class", "rows", "style", "--label:13");
        bar(
                to,
                "compute bound",
                "compute",
                estimate.computeBoundCycles(),
                longest,
                "all MACs at the board's peak rate");
        bar(to, "memory bound", "memory", estimate.memoryBoundCycles(), longest, "all bytes at the board's bandwidth");
        bar(to, "estimate", "neutral", estimate.cycles(), longest, "cycles of one image");
        if (measured != null && measured.cycles() != null) {
            bar(to, "measured", "good", measured.cycles(), longest, "cycles of one image");
        }
        to.close();
        table(estimate, measured).write(to);
        to.element("p", "Time and energy can only be measured by a run on the board.", "class", "note");
        boolean compute = estimate.computeBoundCycles() >= estimate.memoryBoundCycles();
        String lead = "the board's " + (compute ? "compute" : "memory") + " allows "
                + NumberText.compact(Math.max(estimate.computeBoundCycles(), estimate.memoryBoundCycles()))
                + " cycles at best; the plan reaches " + NumberText.percent(estimate.fractionOfBound()) + " of that";
        return new Section("estimate", "Estimate and bound", lead, to);
    }

    private static Table table(Estimate estimate, Measured measured) {
        Measured found = measured == null ? new Measured(null, null, null, null, List.of()) : measured;
        Table table = new Table("per image", "#estimate", "#measured");
        compare(table, "cycles", estimate.cycles(), asDouble(found.cycles()), EstimateSection::whole);
        compare(table, "latency", estimate.latencyMs(), found.latencyMs(), NumberText::time);
        compare(
                table,
                "images per second",
                estimate.imagesPerSecond(),
                found.imagesPerSecond(),
                v -> NumberText.significant(v, 6));
        compare(table, "bytes moved", estimate.bytesMoved(), asDouble(found.bytesMoved()), EstimateSection::whole);
        table.row("energy class", estimate.energyClass(), UNMEASURED);
        table.row("multiply-accumulates", NumberText.exact(estimate.macs()), "counted");
        table.row("compute bound, cycles", NumberText.exact(estimate.computeBoundCycles()), "computed");
        table.row("memory bound, cycles", NumberText.exact(estimate.memoryBoundCycles()), "computed");
        return table;
    }

    private static void compare(
            Table table, String name, double estimated, Double measured, DoubleFunction<String> text) {
        String found = UNMEASURED;
        if (measured != null) {
            String difference = difference(estimated, measured);
            found = text.apply(measured) + (difference.isEmpty() ? "" : " (estimate: " + difference + ")");
        }
        table.row(name, text.apply(estimated), found);
    }

    private static Double asDouble(Long value) {
        return value == null ? null : (double) value;
    }

    private static String whole(double value) {
        return NumberText.exact((long) value);
    }

    /** How far an estimate lies from a measurement, signed; empty when that has no meaning. */
    static String difference(double estimated, double measured) {
        if (estimated == measured) {
            return "equal";
        }
        double difference = estimated / measured - 1;
        if (!Double.isFinite(difference)) {
            return "";
        }
        return (difference < 0 ? "\u2212" : "+") + NumberText.percent(Math.abs(difference));
    }

    private static void bar(Markup to, String name, String colour, long cycles, long longest, String meaning) {
        String text = NumberText.exact(cycles) + " cycles: " + meaning;
        to.open("div", "class", "row").element("span", name, "class", "name");
        to.open("svg", "class", "bar", "height", "16", "role", "img", "aria-label", text)
                .element("title", text);
        to.empty("rect", "class", "track", "width", "100%", "height", "16");
        String width = NumberText.coordinate(100.0 * cycles / longest) + "%";
        to.empty("rect", "class", colour, "width", width, "height", "16").close();
        to.element("span", NumberText.compact(cycles), "class", "value").close();
    }
}
