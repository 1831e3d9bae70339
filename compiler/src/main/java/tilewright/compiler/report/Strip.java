package tilewright.compiler.report;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import tilewright.compiler.report.TimelineSection.Column;

/**
 * One plot of a time-line: a value of each column over the columns, all of the same width.
 *
 * @param title what it shows
 * @param height of the plot in pixels
 * @param top value at its upper edge; larger ones are cut
 * @param step between lines of its grid
 * @param text how a value is written
 */
record Strip(String title, int height, double top, double step, DoubleFunction<String> text) {
    /** Room above the plot for its title. */
    private static final int HEAD = 18;

    private static final int FOOT = 6;
    private static final double KIBI = 1024;
    /** Fewer columns leave room at the right instead of becoming broad. */
    private static final int LEAST_COLUMNS = 16;
    /** Columns so much above the middle one are cut, so that the others can be seen. */
    private static final double OUTLIER = 4;

    private static final double[] ROUND = {1, 2, 5, 10};

    /** A strip from 0 to the largest value, a few outliers cut. */
    static Strip cut(
            String title,
            int height,
            List<Column> columns,
            ToDoubleFunction<Column> value,
            DoubleFunction<String> text) {
        return cut(title, height, columns, value, text, 1);
    }

    /** As above, with lines of the grid at round multiples of 1024. */
    static Strip cutBytes(String title, int height, List<Column> columns, ToDoubleFunction<Column> value) {
        double most = columns.stream().mapToDouble(value).max().orElse(0);
        double unit = 1;
        while (unit * KIBI <= most) {
            unit *= KIBI;
        }
        return cut(title, height, columns, value, bytes -> NumberText.bytes(Math.round(bytes)), unit);
    }

    private static Strip cut(
            String title,
            int height,
            List<Column> columns,
            ToDoubleFunction<Column> value,
            DoubleFunction<String> text,
            double unit) {
        double[] sorted = columns.stream().mapToDouble(value).sorted().toArray();
        double most = sorted[sorted.length - 1];
        double middle = sorted[sorted.length / 2];
        double top = middle > 0 ? Math.min(most, OUTLIER * middle) : most;
        if (!(top > 0)) {
            return new Strip(title, height, 1, 2, text);
        }
        double step = unit * step(top / unit / (height > 100 ? 4 : 1));
        return new Strip(title, height, top * 1.04, step, text);
    }

    /** The largest of 1, 2, 5, 10 times a power of ten that is no larger. */
    static double step(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        double step = power;
        for (double round : ROUND) {
            step = round * power <= value * (1 + 1e-9) ? round * power : step;
        }
        return step;
    }

    /** How many columns there is room for. */
    static int slots(List<Column> columns) {
        return Math.max(LEAST_COLUMNS, columns.size());
    }

    /** Begins the plot: axis, grid, and a drawing whose unit is one column by one pixel. */
    void open(Markup to, List<Column> columns) {
        String tall = Integer.toString(HEAD + height + FOOT);
        to.open("div", "class", "plot")
                .open("svg", "class", "axis", "width", "56", "height", tall, "aria-hidden", "true");
        for (double value = 0; value <= top; value += step) {
            String y = NumberText.coordinate(HEAD + y(value) + 4);
            to.element("text", value == 0 ? "0" : text.apply(value), "x", "50", "y", y, "class", "end");
        }
        to.close().open("svg", "class", "lines", "height", tall, "role", "img", "aria-label", title);
        to.element("text", title, "x", "0", "y", "11");
        for (double value = 0; value <= top; value += step) {
            String y = NumberText.coordinate(HEAD + y(value));
            to.empty("line", "class", "grid", "x1", "0", "x2", "100%", "y1", y, "y2", y);
        }
        to.open(
                "svg",
                "y",
                Integer.toString(HEAD),
                "width",
                "100%",
                "height",
                Integer.toString(height),
                "viewBox",
                "0 0 " + slots(columns) + " " + height,
                "preserveAspectRatio",
                "none");
    }

    /** Bars from a base upwards. */
    void bars(
            Markup to,
            List<Column> columns,
            ToDoubleFunction<Column> value,
            ToDoubleFunction<Column> base,
            String colour) {
        StringBuilder path = new StringBuilder();
        double margin = columns.size() > 96 ? 0 : 0.06;
        for (int i = 0; i < columns.size(); i++) {
            double low = Math.min(top, base.applyAsDouble(columns.get(i)));
            double high = Math.min(top, low + value.applyAsDouble(columns.get(i)));
            if (high > low) {
                path.append('M').append(NumberText.coordinate(i + margin));
                path.append(' ').append(NumberText.coordinate(y(low)));
                path.append('V').append(NumberText.coordinate(y(high)));
                path.append('H').append(NumberText.coordinate(i + 1 - margin));
                path.append('V').append(NumberText.coordinate(y(low))).append('z');
            }
        }
        to.empty("path", "class", colour, "d", path.isEmpty() ? "M0 0" : path.toString());
    }

    /** A line of steps. */
    void line(Markup to, List<Column> columns, ToDoubleFunction<Column> value, String style) {
        StringBuilder path = new StringBuilder("M0 ");
        for (int i = 0; i < columns.size(); i++) {
            double y = y(Math.min(top, value.applyAsDouble(columns.get(i))));
            path.append(i == 0 ? "" : "V")
                    .append(NumberText.coordinate(y))
                    .append('H')
                    .append(i + 1);
        }
        to.empty("path", "class", style, "d", path.toString());
    }

    /** Ends the plot with what each column says when it is pointed at. */
    static void close(Markup to, List<Column> columns) {
        to.open("g", "class", "hover");
        for (int i = 0; i < columns.size(); i++) {
            to.open("rect", "x", Integer.toString(i), "width", "1", "height", "100%");
            to.element("title", columns.get(i).hover()).close();
        }
        to.close().close().close().close();
    }

    private double y(double value) {
        return height - value / top * height;
    }
}
