package tilewright.compiler.report;

import java.util.List;
import java.util.stream.Collectors;
import tilewright.compiler.report.StreamedRun.Memory;
import tilewright.compiler.report.StreamedRun.Phase;
import tilewright.edge.expert.StreamingReport;

/** The top of the page of a run with experts on demand: how fast, how near to the bound, what it took. */
final class StreamedHeadline {
    private StreamedHeadline() {}

    static Markup of(StreamedRun run) {
        Markup to = new Markup();
        to.open("header").open("div").element("p", "Tilewright \u00B7 experts on demand", "class", "brand");
        to.element("h1", run.model());
        List<String> facts = List.of(
                experts(run),
                NumberText.bytes(run.memory().budget()) + " of memory",
                run.phases().stream()
                        .map(phase -> phase.name() + " of " + tokens(phase.figures()))
                        .collect(Collectors.joining(", ")));
        to.element(
                "p",
                facts.stream().filter(fact -> !fact.isEmpty()).collect(Collectors.joining(" \u00B7 ")),
                "class",
                "facts");
        to.close().close();
        if (run.phases().isEmpty()) {
            to.element("p", "No token went through the model.", "class", "missing");
        } else {
            tiles(to, run.phases().getLast(), run.memory());
        }
        Headline.notes(to, run.notes());
        return to;
    }

    private static String experts(StreamedRun run) {
        int layers = run.layers().size();
        return NumberText.exact(run.experts().size()) + " experts in " + layers + (layers == 1 ? " layer" : " layers");
    }

    /** A number of tokens. */
    static String tokens(StreamingReport figures) {
        return NumberText.exact(figures.tokens()) + (figures.tokens() == 1 ? " token" : " tokens");
    }

    /** Whether storage, not computation, sets the bound. */
    static boolean storageBound(StreamingReport figures) {
        return figures.storageBytesPerSecond() > 0
                && figures.missedBytesPerToken() / figures.storageBytesPerSecond() > figures.computeSecondsPerToken();
    }

    private static void tiles(Markup to, Phase phase, Memory memory) {
        StreamingReport figures = phase.figures();
        boolean storage = storageBound(figures);
        to.open("div", "class", "tiles");
        Headline.tile(
                to,
                "Tokens per second",
                NumberText.significant(figures.tokensPerSecond(), 3),
                phase.name() + "; the bound is " + NumberText.significant(figures.boundTokensPerSecond(), 3));
        Headline.meter(
                to,
                "Of the physical bound",
                figures.fractionOfBound(),
                storage ? "memory" : "compute",
                "fraction of the bound reached",
                "set by " + (storage ? "storage" : "computing") + "; 1 / max(c, A(1-h)/B)");
        Headline.meter(
                to,
                "Hit rate",
                figures.hitRate(),
                "good",
                "share of the needed bytes that were in memory",
                "of the needed bytes; guesses brought another " + NumberText.percent(guessed(figures)));
        Headline.tile(
                to,
                "Read per token",
                NumberText.bytes(Math.round(figures.readBytesPerToken())),
                NumberText.bytes(Math.round(figures.missedBytesPerToken())) + " of it needed; "
                        + rate(figures.readBytesPerSecond()) + " while reading");
        Headline.tile(
                to,
                "Waiting per token",
                NumberText.time(1000 * figures.stallSecondsPerToken()),
                "for storage, beside " + NumberText.time(1000 * figures.computeSecondsPerToken()) + " of computing");
        boolean held = memory.mostResident() <= memory.budget();
        Headline.meter(
                to,
                "Of the memory budget",
                memory.budget() == 0 ? 0 : (double) memory.mostResident() / memory.budget(),
                held ? "good" : "bad",
                "most memory that the process occupied, of its budget",
                NumberText.bytes(memory.mostResident()) + " at most, of " + NumberText.bytes(memory.budget()));
        to.close();
    }

    private static double guessed(StreamingReport figures) {
        long routed = figures.cost().routedBytes();
        return routed == 0 ? 0 : (double) figures.cost().guessedBytes() / routed;
    }

    /** Bytes per second, in steps of 1000 as storage is sold. */
    static String rate(double bytesPerSecond) {
        return NumberText.significant(bytesPerSecond / 1e9, 3) + "\u00A0GB/s";
    }
}
