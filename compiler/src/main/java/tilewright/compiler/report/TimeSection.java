package tilewright.compiler.report;

import java.util.List;
import tilewright.compiler.report.ReportData.StageTime;

/** Estimated cycles of each stage: compute against memory, and both overlapped. */
final class TimeSection {
    private TimeSection() {}

    static Section of(ReportData data) {
        List<StageTime> times = data.times();
        if (times.isEmpty()) {
            return Section.missing("time", "Time per block", "No estimate per block given.");
        }
        long longest = Math.max(
                1,
                times.stream()
                        .mapToLong(time ->
                                Math.max(time.totalCycles(), Math.max(time.computeCycles(), time.memoryCycles())))
                        .max()
                        .orElse(1));
        long compute = times.stream().mapToLong(StageTime::computeCycles).sum();
        long memory = times.stream().mapToLong(StageTime::memoryCycles).sum();
        long total = times.stream().mapToLong(StageTime::totalCycles).sum();
        Markup to = new Markup();
        to.open("p", "class", "legend");
        Section.key(to, "compute", "compute " + NumberText.compact(compute));
        Section.key(to, "memory", "memory " + NumberText.compact(memory));
        Section.key(to, "total", "overlapped " + NumberText.compact(total) + " cycles")
                .close();
        int label = times.stream().mapToInt(time -> time.name().length()).max().orElse(0);
        to.open("div", "class", times.size() > 16 ? "rows columns" : "rows", "style", "--label:" + label);
        for (StageTime time : times) {
            row(to, time, longest);
        }
        to.close();
        Table table = new Table("stage", "#compute cycles", "#memory cycles", "#overlapped cycles", "waits for");
        for (StageTime time : times) {
            table.row(
                    time.name(),
                    NumberText.exact(time.computeCycles()),
                    NumberText.exact(time.memoryCycles()),
                    NumberText.exact(time.totalCycles()),
                    waitsForMemory(time) ? "memory" : "compute");
        }
        table.writeFolded(to, "Cycles of every stage");
        long bound = times.stream().filter(TimeSection::waitsForMemory).count();
        long busy = times.stream()
                .mapToLong(time -> Math.max(time.computeCycles(), time.memoryCycles()))
                .sum();
        String lead = bound + " of " + times.size() + (times.size() == 1 ? " stage waits" : " stages wait")
                + " for memory; fills and latency take "
                + (total > busy ? NumberText.percent(1 - (double) busy / total) + " of the cycles" : "nothing");
        return new Section("time", "Time per block", lead, to);
    }

    private static boolean waitsForMemory(StageTime time) {
        return time.memoryCycles() > time.computeCycles();
    }

    private static void row(Markup to, StageTime time, long longest) {
        String hover = time.name() + ": compute " + NumberText.exact(time.computeCycles()) + ", memory "
                + NumberText.exact(time.memoryCycles()) + ", overlapped " + NumberText.exact(time.totalCycles())
                + " cycles";
        String total = share(time.totalCycles(), longest);
        to.open("div", "class", "row").element("span", time.name(), "class", "name", "title", time.name());
        to.open("svg", "class", "bar", "height", "20", "role", "img", "aria-label", hover);
        to.element("title", hover);
        to.empty("rect", "class", "track", "width", "100%", "height", "20");
        to.empty("rect", "class", "span", "width", total, "height", "20");
        to.empty("rect", "class", "compute", "y", "2", "width", share(time.computeCycles(), longest), "height", "7");
        to.empty("rect", "class", "memory", "y", "11", "width", share(time.memoryCycles(), longest), "height", "7");
        to.empty("line", "class", "total", "x1", total, "x2", total, "y1", "0", "y2", "20");
        to.close();
        to.element("span", NumberText.compact(time.totalCycles()), "class", "value")
                .close();
    }

    private static String share(long cycles, long longest) {
        return NumberText.coordinate(100.0 * cycles / longest) + "%";
    }
}
