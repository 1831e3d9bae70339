package tilewright.compiler.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tilewright.compiler.report.ReportData.BlockError;

/** Deviation from the float model over depth, on a logarithmic scale: one panel per task, one scale for all. */
final class ErrorSection {
    private static final int TOP = 24;
    private static final int BOTTOM = 176;
    private static final int ZERO = 192;
    private static final int AXIS = 218;
    private static final int TICKS = 10;
    private static final Pattern BLOCK = Pattern.compile("block\\.?(\\d{1,6})");

    private ErrorSection() {}

    /** Decades of the scale, whole powers of ten. */
    private record Scale(int low, int high) {
        double y(double error) {
            return error > 0 ? TOP + (high - Math.log10(error)) / (high - low) * (BOTTOM - TOP) : ZERO;
        }
    }

    static Section of(ReportData data) {
        String title = "Error per block";
        List<Double> all = data.errors().stream()
                .flatMap(error -> Stream.of(error.freeRunning(), error.forced()))
                .filter(ErrorSection::drawable)
                .toList();
        if (all.isEmpty() && data.errors().isEmpty()) {
            return Section.missing("errors", title, Section.NOT_VERIFIED + " --blocks");
        }
        List<Double> positive = all.stream().filter(error -> error > 0).toList();
        double least = positive.stream().mapToDouble(v -> v).min().orElse(1e-3);
        double most = positive.stream().mapToDouble(v -> v).max().orElse(1e-2);
        int low = (int) Math.floor(Math.log10(least));
        Scale scale = new Scale(low, Math.max(low + 1, (int) Math.ceil(Math.log10(most))));
        Map<String, List<BlockError>> tasks = new LinkedHashMap<>();
        for (BlockError error : data.errors()) {
            tasks.computeIfAbsent(error.task(), task -> new ArrayList<>()).add(error);
        }
        Markup to = new Markup().open("p", "class", "legend");
        Section.key(to, "free", "free-running: with the errors of all earlier blocks");
        Section.key(to, "forced", "forced: each block gets the float model's input")
                .close();
        to.open("div", "class", "multiples charts");
        tasks.forEach((task, errors) -> panel(to, task, errors, scale));
        to.close();
        Table table = new Table("task", "point", "#free-running", "#forced");
        for (BlockError error : data.errors()) {
            table.row(error.task(), error.point(), text(error.freeRunning()), text(error.forced()));
        }
        table.writeFolded(to, "All deviations");
        String lead = "relative L2 deviation of the integer model from the float model"
                + (positive.isEmpty() ? "" : "; largest " + NumberText.significant(most, 3));
        return new Section("errors", title, lead, to);
    }

    private static boolean drawable(Double error) {
        return error != null && Double.isFinite(error) && error >= 0;
    }

    private static String text(Double error) {
        return error == null ? Section.NOT_VERIFIED + " --blocks" : NumberText.significant(error, 4);
    }

    private static void panel(Markup to, String task, List<BlockError> errors, Scale scale) {
        to.open("div", "class", "panel").open("p", "class", "head");
        to.element("b", task.isEmpty() ? "model" : task)
                .element("span", "relative L2")
                .close();
        to.open("div", "class", "plot");
        to.open("svg", "class", "axis", "width", "40", "height", Integer.toString(AXIS + 6), "aria-hidden", "true");
        for (int decade = scale.low(); decade <= scale.high(); decade++) {
            to.element("text", "1e" + decade, "x", "36", "y", y(scale, decade, 4), "class", "end");
        }
        boolean zeros = errors.stream()
                .flatMap(error -> Stream.of(error.freeRunning(), error.forced()))
                .anyMatch(error -> error != null && error == 0);
        if (zeros) {
            to.element("text", "0", "x", "36", "y", Integer.toString(ZERO + 4), "class", "end");
        }
        to.close();
        String label = "deviation after each block" + (task.isEmpty() ? "" : ", task " + task);
        to.open("svg", "class", "lines", "height", Integer.toString(AXIS + 6), "role", "img", "aria-label", label);
        for (int decade = scale.low(); decade <= scale.high(); decade++) {
            String y = y(scale, decade, 0);
            to.empty("line", "class", "grid", "x1", "0", "x2", "100%", "y1", y, "y2", y);
        }
        ticks(to, errors);
        series(to, errors, scale, "forced", BlockError::forced);
        series(to, errors, scale, "free", BlockError::freeRunning);
        to.close().close().close();
    }

    /** Names below the points; of many points only the numbers of some blocks. */
    private static void ticks(Markup to, List<BlockError> errors) {
        int every = (errors.size() + TICKS - 1) / TICKS;
        for (int i = 0; i < errors.size(); i++) {
            String point = errors.get(i).point();
            Matcher block = BLOCK.matcher(point);
            boolean numbered = block.matches();
            if (every == 1 || numbered && Integer.parseInt(block.group(1)) % every == 0) {
                String shortened = point.length() > 6 ? point.substring(0, 5) + "\u2026" : point;
                String x = x(i, errors.size());
                String y = Integer.toString(AXIS);
                to.element("text", numbered ? block.group(1) : shortened, "x", x, "y", y, "class", "middle");
            }
        }
    }

    private static void series(
            Markup to, List<BlockError> errors, Scale scale, String style, Function<BlockError, Double> value) {
        int last = -1;
        for (int i = 0; i < errors.size(); i++) {
            if (drawable(value.apply(errors.get(i)))) {
                if (last >= 0) {
                    String y1 = NumberText.coordinate(scale.y(value.apply(errors.get(last))));
                    String y2 = NumberText.coordinate(scale.y(value.apply(errors.get(i))));
                    String x1 = x(last, errors.size());
                    to.empty("line", "class", style, "x1", x1, "x2", x(i, errors.size()), "y1", y1, "y2", y2);
                }
                last = i;
            }
        }
        for (int i = 0; i < errors.size(); i++) {
            Double error = value.apply(errors.get(i));
            if (drawable(error)) {
                String y = NumberText.coordinate(scale.y(error));
                to.open(
                        "circle",
                        "class",
                        style,
                        "cx",
                        x(i, errors.size()),
                        "cy",
                        y,
                        "r",
                        errors.size() > 24 ? "3" : "4");
                String kind = style.equals("free") ? "free-running" : style;
                to.element("title", errors.get(i).point() + ", " + kind + ": " + NumberText.significant(error, 4))
                        .close();
            }
        }
        label(to, errors, scale, style, value);
    }

    /** The number beside the largest error of a series. */
    private static void label(
            Markup to, List<BlockError> errors, Scale scale, String style, Function<BlockError, Double> value) {
        int most = -1;
        for (int i = 0; i < errors.size(); i++) {
            Double error = value.apply(errors.get(i));
            if (drawable(error) && (most < 0 || error > value.apply(errors.get(most)))) {
                most = i;
            }
        }
        if (most < 0) {
            return;
        }
        double error = value.apply(errors.get(most));
        String anchor = 5 * most < errors.size() ? "" : 5 * most >= 4 * errors.size() ? "end " : "middle ";
        double y = scale.y(error) + (style.equals("free") || error == 0 ? -9 : 18);
        String text = NumberText.significant(error, 2);
        String x = x(most, errors.size());
        to.element("text", text, "class", anchor + "value", "x", x, "y", NumberText.coordinate(y));
    }

    private static String x(int index, int count) {
        return NumberText.coordinate(100 * (index + 0.5) / count) + "%";
    }

    private static String y(Scale scale, int decade, int offset) {
        return NumberText.coordinate(
                TOP + (double) (scale.high() - decade) / (scale.high() - scale.low()) * (BOTTOM - TOP) + offset);
    }
}
