package tilewright.compiler.cli.language;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tilewright.compiler.report.MemoryCourse;
import tilewright.compiler.report.MemoryCourse.Sample;
import tilewright.edge.expert.StreamingCounters;
import tilewright.edge.expert.StreamingReport;

/** What a person, and what a program reads of a {@link StreamingReport} and a {@link MemoryCourse}. */
public final class StreamingText {
    private static final double MEBI = 1 << 20;
    private static final double GIGA = 1e9;

    private StreamingText() {}

    /**
     * Lines for a person, without indentation.
     *
     * @param adapts whether precision could give way
     */
    public static List<String> lines(StreamingReport report, boolean adapts) {
        List<String> lines = new ArrayList<>(List.of(
                line(
                        "experts on demand: %.2f tokens/s, %.0f %% of the bound of %.2f that computing and storage set"
                                + " (%.0f %% with storage as it is beside computing)",
                        report.tokensPerSecond(),
                        100 * report.fractionOfBound(),
                        report.boundTokensPerSecond(),
                        100 * report.fractionBesideComputing()),
                line(
                        "  in memory %.0f of %.0f MiB of experts; %.1f %% of the needed bytes were there",
                        report.cacheBytes() / MEBI, report.expertBytes() / MEBI, 100 * report.hitRate()),
                line(
                        "  storage   %.1f MiB per token, %.1f of them needed; %.2f GB/s while reading, %.2f at best,"
                                + " %.2f beside computing, %d lanes",
                        report.readBytesPerToken() / MEBI,
                        report.missedBytesPerToken() / MEBI,
                        report.readBytesPerSecond() / GIGA,
                        report.storage().atRest() / GIGA,
                        report.storage().besideComputing() / GIGA,
                        report.lanes()),
                line(
                        "  per token %.1f ms computing, %.1f ms waiting for storage; %d major faults",
                        1000 * report.computeSecondsPerToken(),
                        1000 * report.stallSecondsPerToken(),
                        report.majorFaults())));
        if (adapts) {
            lines.add("  adapted   " + adapted(report.cost()));
        }
        return lines;
    }

    /** What gave way, for a person. */
    static String adapted(StreamingCounters cost) {
        return line(
                "%.1f %% of uses of experts at lower width, %.1f %% left out",
                100 * share(cost.lowerUses(), cost), 100 * share(cost.leftOutUses(), cost));
    }

    /** The part that uses are of all. */
    static double share(long uses, StreamingCounters cost) {
        return (double) uses / Math.max(1, cost.uses());
    }

    /** A line about the memory that was occupied at most, and a warning where that is more than the budget. */
    public static List<String> lines(MemoryCourse memory) {
        Sample peak = memory.peak();
        String most = line(
                "  memory    %.0f of %.0f MiB at most%s",
                peak.total() / MEBI,
                memory.budget() / MEBI,
                memory.cacheKnown() ? ", with pages of the model's files that came into the system's cache" : "");
        return memory.held()
                ? List.of(most)
                : List.of(
                        most,
                        line(
                                "warning: %.0f MiB more than the budget were occupied after %.1f s",
                                (peak.total() - memory.budget()) / MEBI, peak.seconds()));
    }

    private static String line(String format, Object... arguments) {
        return String.format(Locale.ROOT, format, arguments);
    }

    /** Adds what was occupied over time to an object: each sample has seconds and bytes of own memory, files, cache. */
    public static void describe(ObjectNode node, MemoryCourse memory) {
        node.put("budget_bytes", memory.budget());
        node.put("peak_bytes", memory.peak().total());
        node.put("peak_seconds", memory.peak().seconds());
        node.put("held", memory.held());
        node.put("opened_seconds", memory.openedSeconds());
        node.put("page_cache_known", memory.cacheKnown());
        ArrayNode samples = node.putArray("samples");
        for (Sample sample : memory.samples()) {
            samples.addArray()
                    .add(Math.round(1000 * sample.seconds()) / 1000.0)
                    .add(sample.anonymous())
                    .add(sample.files())
                    .add(sample.cached());
        }
    }

    /** Adds all figures to an object. */
    public static void describe(ObjectNode node, StreamingReport report) {
        node.put("tokens", report.tokens());
        node.put("seconds", report.seconds());
        node.put("tokens_per_second", report.tokensPerSecond());
        node.put("bound_tokens_per_second", report.boundTokensPerSecond());
        node.put("fraction_of_bound", report.fractionOfBound());
        node.put("fraction_beside_computing", report.fractionBesideComputing());
        node.put("hit_rate", report.hitRate());
        node.put("missed_bytes_per_token", report.missedBytesPerToken());
        node.put("read_bytes_per_token", report.readBytesPerToken());
        node.put("routed_bytes", report.cost().routedBytes());
        node.put("hit_bytes", report.cost().hitBytes());
        node.put("expert_uses", report.cost().uses());
        node.put("lower_uses", report.cost().lowerUses());
        node.put("left_out_uses", report.cost().leftOutUses());
        node.put("guessed_bytes", report.cost().guessedBytes());
        node.put("read_bytes", report.cost().readBytes());
        node.put("read_bytes_per_second", report.readBytesPerSecond());
        node.put("storage_bytes_per_second", report.storage().atRest());
        node.put("storage_beside_computing", report.storage().besideComputing());
        node.put("compute_seconds_per_token", report.computeSecondsPerToken());
        node.put("stall_seconds_per_token", report.stallSecondsPerToken());
        node.put("cache_bytes", report.cacheBytes());
        node.put("expert_bytes", report.expertBytes());
        node.put("lanes", report.lanes());
        node.put("major_faults", report.majorFaults());
    }
}
