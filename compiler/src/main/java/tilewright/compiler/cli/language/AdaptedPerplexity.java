package tilewright.compiler.cli.language;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import tilewright.edge.expert.Adaptation;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingCounters;
import tilewright.edge.expert.StreamingReport;
import tilewright.edge.language.Perplexity;

/**
 * What adaptation at run time does to a text's perplexity, each part by itself and both together.
 *
 * @param adaptation what may give way
 * @param exact the text's perplexity when nothing does
 * @param parts the parts' effects
 */
public record AdaptedPerplexity(Adaptation adaptation, Perplexity exact, List<Part> parts) {
    private static final double MEBI = 1 << 20;

    /**
     * A part's effect.
     *
     * @param name of the part
     * @param increase of the loss, token by token
     * @param cost of reading experts meanwhile
     */
    public record Part(String name, Perplexity increase, StreamingCounters cost) {
        /** Bytes read from storage for one token. */
        public double readBytesPerToken() {
            return (double) cost.readBytes() / increase.tokens();
        }

        /** The part of the needed bytes that was in memory. */
        public double hitRate() {
            return cost.routedBytes() == 0 ? 1 : (double) cost.hitBytes() / cost.routedBytes();
        }
    }

    /**
     * Measures: leaving out, lower widths, both, one after the other, each with the memory that the one before has left. Where
     * all experts fit nothing gives way, and nothing is measured.
     *
     * @param exact losses when nothing gives way, token by token
     * @param losses measures the text once more, for the part of this name
     */
    public static AdaptedPerplexity measure(
            StreamedExperts experts, Adaptation adaptation, double[] exact, Function<String, double[]> losses) {
        Function<String, double[]> measured = experts.holdsAll() ? _ -> exact.clone() : losses;
        // Lower widths last: what came at its lower width stays in memory.
        List<Part> parts = List.of(
                part("left_out", experts, adaptation.onlyLeavingOut(), exact, measured),
                part("lower_width", experts, adaptation.onlyLowerWidths(), exact, measured),
                part("both", experts, adaptation, exact, measured));
        return new AdaptedPerplexity(adaptation, Perplexity.of(exact), parts);
    }

    /** Measures one part. */
    public static Part part(
            String name,
            StreamedExperts experts,
            Adaptation adaptation,
            double[] exact,
            Function<String, double[]> losses) {
        experts.adapt(adaptation);
        StreamingCounters before = experts.counters();
        double[] increase = losses.apply(name);
        for (int token = 0; token < increase.length; token++) {
            increase[token] -= exact[token];
        }
        return new Part(name, Perplexity.of(increase), experts.counters().since(before));
    }

    /**
     * Lines for a person.
     *
     * @param streaming what the exact measurement cost
     */
    public List<String> lines(StreamingReport streaming) {
        List<String> lines = new ArrayList<>();
        for (Part part : parts) {
            lines.add(String.format(
                    Locale.ROOT,
                    "with --adapt, %-12s %.3f (%+.6f nats per token, standard error %.6f): %s, %.2f instead of %.2f MiB read"
                            + " per token",
                    part.name().replace('_', ' ') + ":",
                    Math.exp(exact.nll() + part.increase().nll()),
                    part.increase().nll(),
                    part.increase().standardError(),
                    StreamingText.adapted(part.cost()),
                    part.readBytesPerToken() / MEBI,
                    streaming.readBytesPerToken() / MEBI));
        }
        return lines;
    }

    /** Adds all figures to an object. */
    public void describe(ObjectNode node) {
        if (adaptation.isMeasured()) {
            node.put("most_loss", adaptation.mostLoss());
        }
        for (Part part : parts) {
            double nll = exact.nll() + part.increase().nll();
            node.putObject(part.name())
                    .put("nll", nll)
                    .put("perplexity", Math.exp(nll))
                    .put("increase", part.increase().nll())
                    .put("standard_error", part.increase().standardError())
                    .put("expert_uses", part.cost().uses())
                    .put("lower_uses", part.cost().lowerUses())
                    .put("left_out_uses", part.cost().leftOutUses())
                    .put("hit_rate", part.hitRate())
                    .put("read_bytes_per_token", part.readBytesPerToken());
        }
    }
}
