package tilewright.compiler.report;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import tilewright.compiler.report.StreamedRun.Phase;
import tilewright.edge.expert.StreamingReport;

/** The figures of each part of the run, and how it was run. */
final class StreamedFigures {
    private StreamedFigures() {}

    static Section of(StreamedRun run) {
        List<Phase> phases = run.phases();
        if (phases.isEmpty()) {
            return Section.missing("figures", "Figures", "No token went through the model.");
        }
        Markup to = new Markup();
        Table table =
                new Table(Stream.concat(Stream.of("figure"), phases.stream().map(phase -> "#" + phase.name()))
                        .toArray(String[]::new));
        row(table, phases, "tokens", figures -> NumberText.exact(figures.tokens()));
        row(table, phases, "time", figures -> NumberText.time(1000 * figures.seconds()));
        row(table, phases, "tokens per second", figures -> NumberText.significant(figures.tokensPerSecond(), 4));
        row(
                table,
                phases,
                "bound, tokens per second",
                figures -> NumberText.significant(figures.boundTokensPerSecond(), 4));
        row(table, phases, "of the bound", figures -> NumberText.percent(figures.fractionOfBound()));
        row(
                table,
                phases,
                "of it with storage as it is beside computing",
                figures -> NumberText.percent(figures.fractionBesideComputing()));
        row(table, phases, "bound set by", figures -> StreamedHeadline.storageBound(figures) ? "storage" : "computing");
        row(
                table,
                phases,
                "c: computing per token",
                figures -> NumberText.time(1000 * figures.computeSecondsPerToken()));
        row(table, phases, "waiting per token", figures -> NumberText.time(1000 * figures.stallSecondsPerToken()));
        row(
                table,
                phases,
                "A: experts needed per token",
                figures -> NumberText.bytes(perToken(figures, figures.cost().routedBytes())));
        row(table, phases, "h: hit rate", figures -> NumberText.percent(figures.hitRate()));
        row(
                table,
                phases,
                "brought by guesses, per token",
                figures -> NumberText.bytes(perToken(figures, figures.cost().guessedBytes())));
        row(
                table,
                phases,
                "A(1-h): needed from storage per token",
                figures -> NumberText.bytes(Math.round(figures.missedBytesPerToken())));
        row(table, phases, "read per token", figures -> NumberText.bytes(Math.round(figures.readBytesPerToken())));
        row(table, phases, "B: storage at best", figures -> StreamedHeadline.rate(figures.storageBytesPerSecond()));
        row(
                table,
                phases,
                "storage beside computing",
                figures -> StreamedHeadline.rate(figures.storage().besideComputing()));
        row(table, phases, "reached while reading", figures -> StreamedHeadline.rate(figures.readBytesPerSecond()));
        row(table, phases, "reads at a time", figures -> NumberText.exact(figures.lanes()));
        row(table, phases, "major faults", figures -> NumberText.exact(figures.majorFaults()));
        row(table, phases, "memory for experts", figures -> NumberText.bytes(figures.cacheBytes()));
        row(table, phases, "all experts in memory", figures -> NumberText.bytes(figures.expertBytes()));
        table.writeFolded(to, "All figures");
        StreamingReport last = phases.getLast().figures();
        String lead = "per token " + NumberText.bytes(perToken(last, last.cost().routedBytes()))
                + " of experts are needed, " + NumberText.bytes(Math.round(last.missedBytesPerToken()))
                + " of them from storage, which gives " + StreamedHeadline.rate(last.storageBytesPerSecond());
        return new Section("figures", "Figures", lead, to);
    }

    private static void row(Table table, List<Phase> phases, String name, Function<StreamingReport, String> value) {
        table.row(Stream.concat(Stream.of(name), phases.stream().map(phase -> value.apply(phase.figures())))
                .toArray(String[]::new));
    }

    private static long perToken(StreamingReport figures, long bytes) {
        return Math.round((double) bytes / Math.max(1, figures.tokens()));
    }

    /** How it was run. */
    static Section settings(StreamedRun run) {
        if (run.settings().isEmpty()) {
            return Section.missing("settings", "Settings", "No settings given.");
        }
        Markup to = new Markup().open("div", "class", "settings");
        run.settings().forEach(setting -> {
            to.open("div").element("span", setting.name(), "class", "label").element("strong", setting.value());
            if (!setting.meaning().isEmpty()) {
                to.element("span", setting.meaning(), "class", "note");
            }
            to.close();
        });
        to.close();
        return new Section("settings", "Settings", "", to);
    }
}
