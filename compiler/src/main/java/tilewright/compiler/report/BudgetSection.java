package tilewright.compiler.report;

import java.util.List;
import tilewright.compiler.report.StreamedRun.Memory;

/** What the memory budget went to: one bar, one segment per use, and what was occupied over time. */
final class BudgetSection {
    /** Smaller parts of the bar have no room for their name. */
    private static final double LEAST_LABELLED = 0.08;

    private BudgetSection() {}

    /** A part of the budget. */
    private record Part(String name, long bytes, String colour, String meaning) {}

    static Section of(StreamedRun run) {
        Memory memory = run.memory();
        List<Part> parts = List.of(
                new Part("dense weights", memory.dense(), "dense", "what every token needs, read once"),
                new Part("experts", memory.occupied(), "slots", "those in memory at the end"),
                new Part("free slots", memory.free(), "free", "set aside for experts, holding none at the end"),
                new Part("heap", memory.heap(), "heap", "activations, keys and values, the program's data"),
                new Part("code and rest", memory.others(), "others", "the JVM, compiled code, threads, buffers"),
                new Part("left", memory.left(), "left", "neither used nor set aside"));
        long total = Math.max(1, parts.stream().mapToLong(Part::bytes).sum());
        Markup to = new Markup().open("div", "class", "segments budget");
        for (Part part : parts) {
            if (part.bytes() > 0) {
                String text = part.name() + " " + NumberText.bytes(part.bytes());
                String grow = "flex-grow:" + Math.max(1, 10_000 * part.bytes() / total);
                // A few letters say less than the legend below.
                String shown = part.bytes() < LEAST_LABELLED * total ? "" : text;
                to.element("span", shown, "class", "use-" + part.colour(), "style", grow, "title", text);
            }
        }
        to.close().open("p", "class", "legend below");
        for (Part part : parts) {
            Section.key(to, "use-" + part.colour(), part.name() + " " + NumberText.bytes(part.bytes()));
        }
        to.close();
        Table table = new Table("part", "#bytes", "#size", "#of the budget", "what it is");
        for (Part part : parts) {
            table.row(
                    part.name(),
                    NumberText.exact(part.bytes()),
                    NumberText.bytes(part.bytes()),
                    share(part.bytes(), memory.budget()),
                    part.meaning());
        }
        table.writeFolded(to, "The budget in numbers");
        MemoryPlot.write(to, run.course());
        String lead = "of a budget of " + NumberText.bytes(memory.budget()) + " the process occupied "
                + NumberText.bytes(memory.resident()) + " at the end and at most "
                + NumberText.bytes(memory.mostResident());
        return new Section("memory", "Memory", lead, to);
    }

    private static String share(long bytes, long budget) {
        return budget == 0 ? "no budget" : NumberText.percent((double) bytes / budget);
    }
}
