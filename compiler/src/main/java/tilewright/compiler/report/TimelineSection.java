package tilewright.compiler.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import tilewright.compiler.report.StreamedRun.Phase;
import tilewright.compiler.report.StreamedRun.Sample;
import tilewright.edge.expert.StreamingReport;

/** A run's course: time of each token or few of them, what they read, what they found in memory. */
final class TimelineSection {
    /** More columns than this are joined with their neighbours. */
    private static final int MOST_COLUMNS = 192;

    private static final int TICKS = 8;

    private TimelineSection() {}

    static Section of(StreamedRun run) {
        String title = "Token by token";
        List<Phase> phases = run.phases().stream()
                .filter(phase -> !phase.samples().isEmpty())
                .toList();
        if (phases.isEmpty()) {
            return Section.missing("timeline", title, "No token went through the model.");
        }
        Markup to = new Markup().open("p", "class", "legend");
        Section.key(to, "compute", "computing");
        Section.key(to, "memory", "waiting for storage");
        Section.key(to, "bound", "bound: the longer of computing and reading what was missing");
        Section.key(to, "good", "hit rate: was in memory");
        Section.key(to, "guess", "brought by a guess");
        to.close().open("div", "class", "stacks");
        for (Phase phase : phases.reversed()) {
            panel(to, phase);
        }
        to.close();
        for (Phase phase : phases.reversed()) {
            table(phase).writeFolded(to, "Course of " + phase.name());
        }
        StreamingReport last = phases.getLast().figures();
        double stall = last.stallSecondsPerToken();
        double whole = stall + last.computeSecondsPerToken();
        String lead = phases.getLast().name() + " waited for storage "
                + (whole > 0 ? NumberText.percent(stall / whole) : "none") + " of the time";
        return new Section("timeline", title, lead, to);
    }

    /** Neighbours joined, so that there are no more than can be seen. */
    static List<Sample> columns(List<Sample> samples) {
        int each = Math.ceilDiv(Math.max(1, samples.size()), MOST_COLUMNS);
        List<Sample> columns = new ArrayList<>();
        for (int i = 0; i < samples.size(); i += each) {
            columns.add(samples.subList(i, Math.min(samples.size(), i + each)).stream()
                    .reduce(Sample::plus)
                    .orElseThrow());
        }
        return columns;
    }

    /** What one column shows of each of its tokens. */
    record Column(
            long first,
            long tokens,
            double compute,
            double stall,
            double bound,
            double read,
            double hits,
            double guesses) {
        static List<Column> of(Phase phase) {
            List<Column> columns = new ArrayList<>();
            long first = 0;
            double storage = phase.figures().storageBytesPerSecond();
            for (Sample sample : columns(phase.samples())) {
                double tokens = Math.max(1, sample.tokens());
                double stall = sample.cost().stallNanos() * 1e-9 / tokens;
                double compute = Math.max(0, sample.seconds() / tokens - stall);
                long routed = sample.cost().routedBytes();
                double missed = (routed - sample.cost().hitBytes()) / tokens;
                columns.add(new Column(
                        first,
                        sample.tokens(),
                        compute,
                        stall,
                        Math.max(compute, storage > 0 ? missed / storage : 0),
                        sample.cost().readBytes() / tokens,
                        routed == 0 ? 1 : (double) sample.cost().hitBytes() / routed,
                        routed == 0 ? 0 : (double) sample.cost().guessedBytes() / routed));
                first += sample.tokens();
            }
            return columns;
        }

        double seconds() {
            return compute + stall;
        }

        String range() {
            return tokens <= 1
                    ? NumberText.exact(first + 1)
                    : NumberText.exact(first + 1) + "\u2013" + NumberText.exact(first + tokens);
        }

        String hover() {
            return (tokens <= 1 ? "token " : "tokens ") + range() + ": "
                    + NumberText.time(1000 * seconds()) + (tokens <= 1 ? "" : " each") + ", "
                    + NumberText.time(1000 * compute) + " computing, "
                    + NumberText.time(1000 * stall) + " waiting; bound " + NumberText.time(1000 * bound) + "; "
                    + NumberText.bytes(Math.round(read)) + " read; " + NumberText.percent(hits) + " hits, "
                    + NumberText.percent(guesses) + " guessed";
        }
    }

    private static void panel(Markup to, Phase phase) {
        List<Column> columns = Column.of(phase);
        List<Long> sizes = columns.stream().map(Column::tokens).distinct().toList();
        String each = sizes.size() == 1
                ? sizes.getFirst() == 1 ? "one token each" : NumberText.exact(sizes.getFirst()) + " tokens each"
                : "several tokens each";
        to.open("div", "class", "panel").open("p", "class", "head").element("b", phase.name());
        to.element(
                        "span",
                        NumberText.significant(phase.figures().tokensPerSecond(), 3) + " tokens/s, " + columns.size()
                                + (columns.size() == 1 ? " column, " : " columns, ") + each)
                .close();
        Strip time = Strip.cut("time per token", 150, columns, Column::seconds, value -> NumberText.time(1000 * value));
        Strip read = Strip.cutBytes("read per token", 56, columns, Column::read);
        Strip hits = new Strip("hit rate", 56, 1, 1, NumberText::percent);
        time.open(to, columns);
        time.bars(to, columns, Column::compute, _ -> 0, "compute");
        time.bars(to, columns, Column::stall, Column::compute, "memory");
        time.line(to, columns, Column::bound, "bound");
        Strip.close(to, columns);
        read.open(to, columns);
        read.bars(to, columns, Column::read, _ -> 0, "memory");
        Strip.close(to, columns);
        hits.open(to, columns);
        hits.bars(to, columns, Column::hits, _ -> 0, "good");
        hits.bars(to, columns, Column::guesses, Column::hits, "guess");
        Strip.close(to, columns);
        ticks(to, columns);
        cut(to, columns, Column::seconds, time, " cut at the top; the longest is ");
        cut(to, columns, Column::read, read, " cut at the top of what was read; the most is ");
        to.close();
    }

    /** Says how many columns are higher than their plot, and the highest. */
    private static void cut(
            Markup to, List<Column> columns, ToDoubleFunction<Column> value, Strip strip, String highest) {
        long cut = columns.stream()
                .filter(column -> value.applyAsDouble(column) > strip.top())
                .count();
        if (cut > 0) {
            double most = columns.stream().mapToDouble(value).max().orElse(0);
            String text = cut
                    + (cut == 1 ? " column is" : " columns are")
                    + highest
                    + strip.text().apply(most);
            to.element("p", text, "class", "note");
        }
    }

    /** Numbers of tokens below the columns. */
    private static void ticks(Markup to, List<Column> columns) {
        to.open("div", "class", "plot").element("span", "");
        to.open("svg", "class", "lines", "height", "18", "aria-hidden", "true");
        int every = Math.ceilDiv(columns.size(), TICKS);
        for (int i = 0; i < columns.size(); i += every) {
            String x = NumberText.coordinate(100 * (i + 0.5) / Strip.slots(columns)) + "%";
            String text = NumberText.exact(columns.get(i).first() + 1);
            to.element("text", text, "x", x, "y", "13", "class", "middle");
        }
        to.close().close();
    }

    private static Table table(Phase phase) {
        Table table = new Table(
                "token", "#ms each", "#computing", "#waiting", "#bound", "#MiB read", "#hit rate", "#guessed");
        for (Column column : Column.of(phase)) {
            table.row(
                    column.range(),
                    milliseconds(column, Column::seconds),
                    milliseconds(column, Column::compute),
                    milliseconds(column, Column::stall),
                    milliseconds(column, Column::bound),
                    NumberText.significant(column.read() / (1 << 20), 4),
                    NumberText.percent(column.hits()),
                    NumberText.percent(column.guesses()));
        }
        return table;
    }

    private static String milliseconds(Column column, ToDoubleFunction<Column> seconds) {
        return NumberText.significant(1000 * seconds.applyAsDouble(column), 4);
    }
}
