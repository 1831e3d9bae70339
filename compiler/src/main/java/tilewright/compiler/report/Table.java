package tilewright.compiler.report;

import java.util.ArrayList;
import java.util.List;

/** A table of texts; a column whose heading starts with {@code #} holds numbers and is aligned to the right. */
final class Table {
    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... headings) {
        this.headings = List.of(headings);
    }

    /** Adds a row, one cell per heading. */
    Table row(String... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + headings.size() + " headings");
        }
        rows.add(List.of(cells));
        return this;
    }

    /** Writes the table, always visible. */
    void write(Markup to) {
        to.open("div", "class", "scroll").open("table").open("thead").open("tr");
        for (int i = 0; i < headings.size(); i++) {
            to.element("th", headings.get(i).substring(number(i) ? 1 : 0), "scope", "col", "class", kind(i));
        }
        to.close().close().open("tbody");
        for (List<String> row : rows) {
            to.open("tr");
            for (int i = 0; i < row.size(); i++) {
                to.element("td", row.get(i), "class", kind(i));
            }
            to.close();
        }
        to.close().close().close();
    }

    /** Writes the table behind a line to click on; it is open when printed. */
    void writeFolded(Markup to, String summary) {
        to.open("details").element("summary", summary);
        write(to);
        to.close();
    }

    private boolean number(int column) {
        return headings.get(column).startsWith("#");
    }

    private String kind(int column) {
        return number(column) ? "number" : null;
    }
}
