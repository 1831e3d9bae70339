package tilewright.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import tilewright.compiler.Progress;
import tilewright.compiler.cli.language.AdaptedPerplexity;
import tilewright.compiler.cli.language.TokenIds;
import tilewright.compiler.codes.ErrorFeedback;
import tilewright.compiler.profile.Profile;
import tilewright.compiler.store.PackOptions;
import tilewright.compiler.store.PackWidths;
import tilewright.compiler.store.StorePacking;
import tilewright.edge.expert.Adaptation;
import tilewright.edge.expert.StreamedExperts;
import tilewright.edge.expert.StreamingCounters;
import tilewright.edge.expert.StreamingOptions;
import tilewright.edge.language.EngineOptions;
import tilewright.edge.language.LanguageEngine;
import tilewright.edge.language.Perplexity;
import tilewright.edge.store.ExpertStore;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;

/**
 * Measures what adaptation at run time saves and costs when few experts fit into memory, and writes {@code
 * docs/adaptation.md}.
 *
 * <p>{@code AdaptationTable DOCS MODEL PROFILE IDS TOKENS WORK}: ids as an .npy file or text, of which the first tokens are used;
 * stores are made in a folder WORK.
 */
public final class AdaptationTable {
    private static final int WINDOW = 128;
    private static final List<Integer> BITS = List.of(4, 6);
    private static final List<Double> SHARES = List.of(0.25, 0.5);
    private static final List<Double> TOLERANCES = List.of(0.01, 0.03);
    /** A section that is written by hand. */
    private static final String LARGER = "\n## On a larger model\n";

    private AdaptationTable() {}

    /** One line of the table. */
    private record Row(int bits, double share, double tolerance, double most, AdaptedPerplexity.Part part) {}

    /** Measures and writes. */
    public static void main(String[] arguments) throws IOException {
        int[] all = TokenIds.read(Path.of(arguments[3]));
        int[] ids = Arrays.copyOf(all, Math.min(all.length, Integer.parseInt(arguments[4]) / WINDOW * WINDOW + 1));
        List<Row> rows = new ArrayList<>();
        Path folder = Path.of(arguments[5]);
        for (int bits : BITS) {
            Path store = folder.resolve("store" + bits);
            try (Profile profile = Profile.read(Path.of(arguments[2]))) {
                StorePacking.pack(
                        Path.of(arguments[1]),
                        store,
                        new PackOptions(
                                PackWidths.uniform(bits),
                                new ErrorFeedback(),
                                profile::quantisingMoments,
                                profile.rowTokens() == 0 ? null : profile::fit,
                                profile.digest(),
                                profile::sensitivities,
                                2,
                                false),
                        Progress.NONE,
                        () -> false);
            }
            double[] exact = null;
            for (double share : SHARES) {
                Measured whole = measure(store, ids, share, 0, Part.EXACT, exact);
                exact = whole.losses();
                rows.add(new Row(bits, share, 0, 0, whole.part()));
                for (double tolerance : TOLERANCES) {
                    for (Part part : List.of(Part.LOWER_WIDTH, Part.LEFT_OUT, Part.BOTH)) {
                        Measured found = measure(store, ids, share, tolerance, part, exact);
                        rows.add(new Row(bits, share, tolerance, found.most(), found.part()));
                    }
                }
            }
        }
        try (Profile profile = Profile.read(Path.of(arguments[2]))) {
            Path file = Path.of(arguments[0]).resolve("adaptation.md");
            Files.writeString(file, text(ids.length - 1, profile, rows) + kept(file));
        }
    }

    /** What was measured of a larger model, and is not measured here. */
    private static String kept(Path file) throws IOException {
        String before = Files.exists(file) ? Files.readString(file) : "";
        int from = before.indexOf(LARGER);
        return from < 0 ? "" : before.substring(from);
    }

    /** What gives way. */
    enum Part {
        EXACT,
        LOWER_WIDTH,
        LEFT_OUT,
        BOTH;

        Adaptation of(Adaptation both) {
            return switch (this) {
                case EXACT -> null;
                case LOWER_WIDTH -> both.onlyLowerWidths();
                case LEFT_OUT -> both.onlyLeavingOut();
                case BOTH -> both;
            };
        }
    }

    /** A text's losses, what caused them, and how much they may grow at most. */
    record Measured(double[] losses, AdaptedPerplexity.Part part, double most) {}

    /**
     * Measures a text token by token, from an empty cache.
     *
     * @param share of all experts that fit into memory
     * @param exact losses to compare with; null for these
     */
    static Measured measure(Path store, int[] ids, double share, double tolerance, Part part, double[] exact) {
        try (LoadedLanguageModel model = LanguageModels.load(store);
                StreamedExperts experts = new StreamedExperts(
                        model.graph(),
                        ExpertStore.open(store),
                        StreamingOptions.defaults().withPrefetch(false));
                LanguageEngine engine = LanguageEngine.load(
                        model, EngineOptions.defaults().withThreads(1).withExperts(experts))) {
            experts.start(Math.max(experts.leastBytes(), (long) (share * experts.totalBytes())));
            Adaptation adaptation = part == Part.EXACT ? null : part.of(experts.adaptation(tolerance));
            double[][] found = new double[1][];
            Function<String, double[]> losses = _ -> {
                found[0] = Perplexity.losses(engine, ids, WINDOW, 1, (_, _) -> {});
                return found[0].clone();
            };
            double[] zero = exact == null ? new double[(ids.length - 1) / WINDOW * WINDOW] : exact;
            AdaptedPerplexity.Part measured = AdaptedPerplexity.part(
                    part.name().toLowerCase(Locale.ROOT).replace('_', ' '), experts, adaptation, zero, losses);
            return new Measured(found[0], measured, adaptation == null ? 0 : adaptation.mostLoss());
        }
    }

    private static String text(int tokens, Profile profile, List<Row> rows) {
        StringBuilder text = new StringBuilder("""
                # What adaptation at run time saves and costs

                The trained model of [examples/moe-lm](../examples/moe-lm) (6 layers of 16 experts, 2 of a token), its experts packed
                in codes of 4 and of 6 bits with a profile of %d calibration tokens (wikitext-2, validation part), and run with memory
                for a part of them. Measured on %d tokens of another part (test), token by token in windows of 128 as when generating,
                each line from an empty cache, without guesses. Written by `tilewright.tests.AdaptationTable`.

                *Predicted at most* comes from the profile alone: what the loss would grow by, in nats per token, if all that may give way
                always did; *loss* is what it grew by, with its standard error. *Lower* and *left out* are parts of all uses
                of experts. *Hit* is the part of the needed bytes that was in memory. A smaller part can grow the loss by less than
                nothing: a text has a gradient of its own, see [expert-bits.md](expert-bits.md).

                | bits | in memory | tolerance | gives way | predicted at most | loss | perplexity | lower | left out | hit | KiB read per token | saved |
                |---|---|---|---|---|---|---|---|---|---|---|---|
                """.formatted(profile.tokens(), tokens));
        double exact = 0;
        double read = 0;
        for (Row row : rows) {
            AdaptedPerplexity.Part part = row.part();
            StreamingCounters cost = part.cost();
            if (row.tolerance() == 0) {
                read = part.readBytesPerToken();
                exact = part.increase().nll() == 0 ? exact : part.increase().nll();
                text.append(String.format(
                        Locale.ROOT,
                        "| %d | %.0f %% | | nothing | | | %.3f | | | %.1f %% | %.1f | |%n",
                        row.bits(),
                        100 * row.share(),
                        Math.exp(exact),
                        100 * part.hitRate(),
                        read / 1024));
                continue;
            }
            text.append(String.format(
                    Locale.ROOT,
                    "| %d | %.0f %% | %s | %s | %.4f | %+.4f ± %.4f | %.3f | %.1f %% | %.1f %% | %.1f %% | %.1f | %.0f %% |%n",
                    row.bits(),
                    100 * row.share(),
                    row.tolerance(),
                    part.name(),
                    row.most(),
                    part.increase().nll(),
                    part.increase().standardError(),
                    Math.exp(exact + part.increase().nll()),
                    100.0 * cost.lowerUses() / cost.uses(),
                    100.0 * cost.leftOutUses() / cost.uses(),
                    100 * part.hitRate(),
                    part.readBytesPerToken() / 1024,
                    100 * (1 - part.readBytesPerToken() / read)));
        }
        return text.append("""

                ## How it is chosen

                `tilewright profile` leaves out, layer by layer, the uses of the least routing weight and measures the divergence of the
                predictions. Its ratio to the squared shares that were left out is the layer's sensitivity s (the idea of AdapMoE, arXiv
                2408.10284): near the exact model, leaving out an expert with a share r of its token's routing weights costs s r². It
                also counts how many uses have which share, and measures the error of each expert's output when only the base of its
                codes is there. `tilewright pack --profile` keeps all of that in the store.

                `--adapt=NATS` then looks for the largest price theta at which everything that may give way together costs at most so many
                nats per token: an expert is left out below the share sqrt(theta / s), and may come at its lower width where a use of
                that costs at most theta times the part of a record that is not read. Only what is not in memory gives way, and an expert
                that was used as much lately as the mean expert of its layer comes as a whole, or gets the rest; so a run loses
                less than predicted.

                The base of 4-bit codes has 2 bits, which costs several times as much as codes that were made for 2 bits; the base of 6-bit
                codes has 4 bits and is nearly free. Where lower widths are wanted, codes of 5, 6 or 8 bits serve better.
                """).toString();
    }
}
