package tilewright.compiler.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import tilewright.compiler.report.MemoryCourse.Sample;

/** Memory over time: what was occupied, by kind, below the line of the budget. */
final class MemoryPlot {
    private static final int HEIGHT = 170;
    /** Room above the plot for its title, and below it for the time. */
    private static final int HEAD = 18;

    private static final int FOOT = 22;
    private static final int WIDTH = 1000;
    private static final double KIBI = 1024;
    private static final int BYTE_LINES = 4;
    private static final int MOST_COLUMNS = 192;
    private static final int MOST_ROWS = 64;
    private static final int TIME_MARKS = 8;
    /** A budget so many times what was occupied is left out of the plot, which would be empty. */
    private static final double FAR = 3;

    private final MemoryCourse course;
    private final List<Sample> samples;
    private final double seconds;
    private final double top;

    private MemoryPlot(MemoryCourse course) {
        this.course = course;
        this.samples = joined(course.samples(), MOST_COLUMNS);
        this.seconds = Math.max(1e-3, course.samples().getLast().seconds());
        double peak = Math.max(1, course.peak().total());
        this.top = 1.08 * (isFar(course) ? peak : Math.max(peak, course.budget()));
    }

    /** Neighbours joined to the larger one, so that there are no more than can be seen. */
    static List<Sample> joined(List<Sample> samples, int most) {
        int each = Math.ceilDiv(samples.size(), most);
        List<Sample> joined = new ArrayList<>();
        for (int i = 0; i < samples.size(); i += each) {
            joined.add(samples.subList(i, Math.min(samples.size(), i + each)).stream()
                    .reduce(Sample::most)
                    .orElseThrow());
        }
        return joined;
    }

    /** Whether the line of the budget would be too far above. */
    static boolean isFar(MemoryCourse course) {
        return course.budget() > FAR * Math.max(1, course.peak().total());
    }

    /** Draws it; nothing where nothing was sampled. */
    static void write(Markup to, MemoryCourse course) {
        if (course.samples().isEmpty()) {
            return;
        }
        to.open("p", "class", "legend below");
        Section.key(to, "use-own", "heap, weights, experts, buffers");
        Section.key(to, "use-files", "programs and mapped files");
        if (course.cacheKnown()) {
            Section.key(to, "use-cached", "the model's pages in the system's cache");
        }
        String budget = "budget of " + NumberText.bytes(course.budget());
        Section.key(to, "budget-line", isFar(course) ? budget + ", far above" : budget);
        to.close();
        new MemoryPlot(course).draw(to);
        table(course).writeFolded(to, "Memory over time");
    }

    private void draw(Markup to) {
        String tall = Integer.toString(HEAD + HEIGHT + FOOT);
        to.open("div", "class", "plot")
                .open("svg", "class", "axis", "width", "56", "height", tall, "aria-hidden", "true");
        double step = byteStep();
        for (double value = 0; value <= top; value += step) {
            String text = value == 0 ? "0" : NumberText.bytes(Math.round(value));
            to.element("text", text, "x", "50", "y", NumberText.coordinate(HEAD + y(value) + 4), "class", "end");
        }
        to.close().open("svg", "class", "lines", "height", tall, "role", "img", "aria-label", "memory over time");
        to.element("text", "memory over time", "x", "0", "y", "11");
        for (double value = 0; value <= top; value += step) {
            String y = NumberText.coordinate(HEAD + y(value));
            to.empty("line", "class", "grid", "x1", "0", "x2", "100%", "y1", y, "y2", y);
        }
        areas(to);
        if (!isFar(course)) {
            String y = NumberText.coordinate(HEAD + y(course.budget()));
            to.empty("line", "class", "budget-line", "x1", "0", "x2", "100%", "y1", y, "y2", y);
        }
        if (course.openedSeconds() > 0) {
            String x = percent(course.openedSeconds());
            to.empty("line", "class", "ready", "x1", x, "x2", x, "y1", "" + HEAD, "y2", "" + (HEAD + HEIGHT));
            to.element("text", "ready", "x", x, "y", "11", "class", "middle");
        }
        double mark = Strip.step(seconds / (TIME_MARKS / 2.0));
        for (double value = 0; value <= seconds; value += mark) {
            String place = value == 0 ? null : value > 0.97 * seconds ? "end" : "middle";
            String text = NumberText.significant(value, 3) + "\u00A0s";
            to.element("text", text, "x", percent(value), "y", "" + (HEAD + HEIGHT + 16), "class", place);
        }
        to.close().close();
    }

    private void areas(Markup to) {
        String box = "0 0 " + WIDTH + " " + HEIGHT;
        to.open(
                "svg",
                "y",
                Integer.toString(HEAD),
                "width",
                "100%",
                "height",
                Integer.toString(HEIGHT),
                "viewBox",
                box,
                "preserveAspectRatio",
                "none");
        area(to, "use-own", Sample::anonymous, _ -> 0);
        area(to, "use-files", Sample::files, Sample::anonymous);
        area(to, "use-cached", Sample::cached, sample -> sample.anonymous() + sample.files());
        to.open("g", "class", "hover");
        for (int i = 0; i < samples.size(); i++) {
            String width = NumberText.coordinate(x(end(i)) - x(samples.get(i).seconds()));
            to.open("rect", "x", NumberText.coordinate(x(samples.get(i).seconds())), "width", width, "height", "100%");
            to.element("title", hover(samples.get(i))).close();
        }
        to.close().close();
    }

    /** Where a sample ends: at the next one, the last a little behind itself. */
    private double end(int i) {
        return i + 1 < samples.size() ? samples.get(i + 1).seconds() : seconds;
    }

    private void area(Markup to, String style, ToLongFunction<Sample> value, ToLongFunction<Sample> base) {
        StringBuilder upper = new StringBuilder();
        List<String> lower = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            double low = base.applyAsLong(sample);
            String from = NumberText.coordinate(x(sample.seconds()));
            String until = NumberText.coordinate(x(end(i)));
            String high = NumberText.coordinate(y(low + value.applyAsLong(sample)));
            upper.append(i == 0 ? "M" : "L")
                    .append(from)
                    .append(' ')
                    .append(high)
                    .append('H')
                    .append(until);
            lower.add("L" + until + " " + NumberText.coordinate(y(low)) + "H" + from);
        }
        lower.reversed().forEach(upper::append);
        to.empty("path", "class", style, "d", upper.append('z').toString());
    }

    private static String hover(Sample sample) {
        return NumberText.significant(sample.seconds(), 4) + " s: " + NumberText.bytes(sample.total()) + ": "
                + NumberText.bytes(sample.anonymous()) + " own, " + NumberText.bytes(sample.files()) + " files, "
                + NumberText.bytes(sample.cached()) + " cached";
    }

    private static Table table(MemoryCourse course) {
        Table table = new Table("#seconds", "#all", "#own", "#mapped files", "#cached", "#of the budget");
        for (Sample sample : joined(course.samples(), MOST_ROWS)) {
            table.row(
                    NumberText.significant(sample.seconds(), 4),
                    NumberText.bytes(sample.total()),
                    NumberText.bytes(sample.anonymous()),
                    NumberText.bytes(sample.files()),
                    NumberText.bytes(sample.cached()),
                    NumberText.percent(course.budget() == 0 ? 0 : (double) sample.total() / course.budget()));
        }
        return table;
    }

    private double byteStep() {
        double unit = 1;
        while (unit * KIBI <= top) {
            unit *= KIBI;
        }
        return unit * Strip.step(top / unit / BYTE_LINES);
    }

    private String percent(double at) {
        return NumberText.coordinate(100 * at / seconds) + "%";
    }

    private double x(double at) {
        return WIDTH * at / seconds;
    }

    private double y(double bytes) {
        return HEIGHT - bytes / top * HEIGHT;
    }
}
