package tilewright.tests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tilewright.compiler.Progress;
import tilewright.compiler.allocate.AllocationRule;
import tilewright.compiler.allocate.BitAllocation;
import tilewright.compiler.allocate.RecordSizes;
import tilewright.compiler.cli.language.TokenIds;
import tilewright.compiler.codes.ErrorFeedback;
import tilewright.compiler.profile.AllocationMeasurement;
import tilewright.compiler.profile.Profile;
import tilewright.compiler.store.Allocation;
import tilewright.model.family.language.LanguageModels;
import tilewright.model.family.language.LoadedLanguageModel;

/**
 * Measures what bits of experts cost on a text that the profile has not seen, by several rules, and writes
 * {@code docs/expert-bits.md} and its plot.
 *
 * <p>{@code ExpertBitsTable DOCS MODEL PROFILE IDS WINDOW}: ids as an .npy file or text.
 */
public final class ExpertBitsTable {
    private static final List<Double> ALL_WIDTHS =
            List.of(2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 3.75, 4.0, 4.25, 4.75, 5.25, 6.25, 7.25, 8.25);
    private static final List<Double> WHOLE_WIDTHS = List.of(3.25, 4.25, 5.25, 6.25);
    private static final List<Double> MIXED = List.of(2.5, 2.75, 3.0, 3.5, 4.0);

    private ExpertBitsTable() {}

    /** One allocation and what it did. */
    private record Row(
            AllocationRule rule,
            BitAllocation allocation,
            double gap,
            AllocationMeasurement.Result first,
            AllocationMeasurement.Result second) {
        /** On both halves of the text. */
        AllocationMeasurement.Result found() {
            return first.and(second);
        }
    }

    /** Measures and writes. */
    public static void main(String[] arguments) throws IOException {
        int[] ids = TokenIds.read(Path.of(arguments[3]));
        try (LoadedLanguageModel model = LanguageModels.load(Path.of(arguments[1]));
                Profile profile = Profile.read(Path.of(arguments[2]))) {
            List<AllocationRule.Result> chosen = new ArrayList<>();
            List<AllocationRule> rules = new ArrayList<>();
            for (AllocationRule rule : AllocationRule.values()) {
                for (double bits : bits(rule)) {
                    double bytes = bits * BitAllocation.weights(profile) / Byte.SIZE;
                    chosen.add(rule.within(profile, RecordSizes.codes(), bytes));
                    rules.add(rule);
                }
            }
            List<Allocation> allocations = new ArrayList<>();
            chosen.forEach(result -> allocations.add(result.allocation()));
            int window = Integer.parseInt(arguments[4]);
            int middle = (ids.length - 1) / (2 * window) * window;
            List<int[]> halves = List.of(Arrays.copyOf(ids, middle + 1), Arrays.copyOfRange(ids, middle, ids.length));
            var found = measure(model, profile, true, allocations, halves, window);
            List<Row> rows = new ArrayList<>();
            for (int i = 0; i < chosen.size(); i++) {
                rows.add(new Row(
                        rules.get(i),
                        chosen.get(i).allocation(),
                        chosen.get(i).gap(),
                        found.get(0).get(i),
                        found.get(1).get(i)));
            }
            List<Row> compared =
                    rows.stream().filter(ExpertBitsTable::isCompared).toList();
            List<Allocation> unfitted = new ArrayList<>();
            compared.forEach(row -> unfitted.add(row.allocation()));
            List<AllocationMeasurement.Result> without = measure(model, profile, false, unfitted, List.of(ids), window)
                    .getFirst();
            Path docs = Path.of(arguments[0]);
            Files.writeString(
                    docs.resolve("expert-bits.md"), text(profile, rows) + loss(profile, rows) + fit(compared, without));
            Files.writeString(docs.resolve("expert-bits.svg"), plot(rows));
        }
    }

    private static List<List<AllocationMeasurement.Result>> measure(
            LoadedLanguageModel model,
            Profile profile,
            boolean fitted,
            List<Allocation> allocations,
            List<int[]> texts,
            int window) {
        return AllocationMeasurement.measure(
                model, profile, new ErrorFeedback(), fitted, allocations, texts, window, 2, Progress.NONE);
    }

    /** Allocations that are measured without the fit as well. */
    private static boolean isCompared(Row row) {
        double bits = row.allocation().bitsPerWeight(RecordSizes.codes());
        return row.rule() == AllocationRule.ILP && bits < 4.01 && Math.abs(2 * bits - Math.rint(2 * bits)) < 0.02
                || row.rule() == AllocationRule.UNIFORM && bits < 4.3;
    }

    private static String loss(Profile profile, List<Row> rows) {
        StringBuilder text = new StringBuilder("""

                How far can one text's loss be foretold? The calibration text is text that this model was trained on (its loss there
                is 3.8 nats per token, on the test text 4.2): at the bottom of a valley any change raises the loss at least as much as
                the divergence says. On text that the model has not seen it rises less; predicted here is the divergence, which errs
                on the safe side. The two halves of the test text show how well the increase on one text can be known at all: from 2.75
                bits on its error is about as large as itself. The last column is the difference of the halves in units of its standard
                error; all rows share the text, so that neighbours are alike.

                | rule | bits | predicted | first half | second half | difference |
                |---|---|---|---|---|---|
                """);
        for (Row row : rows) {
            if (row.rule() != AllocationRule.ILP || row.allocation().bitsPerWeight(RecordSizes.codes()) > 5.5) {
                continue;
            }
            AllocationMeasurement.Result first = row.first();
            AllocationMeasurement.Result second = row.second();
            double error = Math.hypot(first.standardError(), second.standardError());
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %.5f | %+.5f ± %.5f | %+.5f ± %.5f | %+.1f |%n",
                    row.rule().label(),
                    row.allocation().bitsPerWeight(RecordSizes.codes()),
                    profile.lossIncrease(row.rule(), row.allocation().loss()),
                    first.lossIncrease(),
                    first.standardError(),
                    second.lossIncrease(),
                    second.standardError(),
                    (second.lossIncrease() - first.lossIncrease()) / error));
        }
        return text.toString();
    }

    private static String fit(List<Row> rows, List<AllocationMeasurement.Result> without) {
        StringBuilder text = new StringBuilder("""

                ## What the fit of down matrices gives

                The same allocations on the same text, with down matrices quantised as if gate and up were exact, and as above:

                | rule | bits | divergence without the fit | with it | change | loss increase without | with it |
                |---|---|---|---|---|---|---|
                """);
        for (int i = 0; i < rows.size(); i++) {
            AllocationMeasurement.Result with = rows.get(i).found();
            AllocationMeasurement.Result plain = without.get(i);
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %.5f | %.5f | %+.0f %% | %+.5f ± %.5f | %+.5f ± %.5f |%n",
                    rows.get(i).rule().label(),
                    rows.get(i).allocation().bitsPerWeight(RecordSizes.codes()),
                    plain.divergence(),
                    with.divergence(),
                    100 * (with.divergence() / plain.divergence() - 1),
                    plain.lossIncrease(),
                    plain.standardError(),
                    with.lossIncrease(),
                    with.standardError()));
        }
        return text.toString();
    }

    private static List<Double> bits(AllocationRule rule) {
        return switch (rule) {
            case ILP -> ALL_WIDTHS;
            case UNIFORM -> WHOLE_WIDTHS;
            case EDGEMOE, MC_MOE -> MIXED;
        };
    }

    private static String text(Profile profile, List<Row> rows) {
        long tokens = rows.getFirst().found().tokens();
        StringBuilder text = new StringBuilder("""
                # What bits of experts cost

                The trained model of [examples/moe-lm](../examples/moe-lm) (96 experts of 49 152 weights), its experts in codes of
                2 to 8 bits with a scale and a zero point for each 64 weights, quantised with error feedback on second moments
                of %d calibration tokens (wikitext-2, validation part), each down matrix fitted to what the quantised gate and up make
                of the inputs of %d of these tokens; everything else as stored. Measured on %d tokens of another part (test) in
                windows of 128. Written by `tilewright.tests.ExpertBitsTable`.

                *Bits* are mean bits of an expert weight, scales and zero points included; *on disk* with the padding of records to
                4 096 bytes, which weighs heavily on experts as small as these; *by use* counts each expert as often as tokens read
                it. *Divergence* is the mean Kullback-Leibler divergence of the quantised model's predictions from the model's, in nats
                per token: what the loss grows by on text that the model would write itself. *Loss increase* is what it grew by on this
                text, with its standard error. *Predicted* is the divergence that the profile alone foretells, see below.

                ![Loss increase by bits per weight](expert-bits.svg)

                | rule | bits | on disk | by use | predicted | divergence | predicted / divergence | loss increase | above the least |
                |---|---|---|---|---|---|---|---|---|
                """.formatted(profile.tokens(), profile.rowTokens(), tokens));
        for (Row row : rows) {
            double predicted = profile.lossIncrease(row.rule(), row.allocation().loss());
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f | %.2f | %.5f | %.5f | %.2f | %+.5f ± %.5f | %s |%n",
                    row.rule().label(),
                    row.allocation().bitsPerWeight(RecordSizes.codes()),
                    row.allocation().bitsPerWeight(RecordSizes.stored()),
                    row.allocation().bitsWeightedByUse(RecordSizes.codes()),
                    predicted,
                    row.found().divergence(),
                    predicted / row.found().divergence(),
                    row.found().lossIncrease(),
                    row.found().standardError(),
                    Double.isNaN(row.gap()) ? "" : String.format(Locale.ROOT, "%.4f %%", 100 * row.gap())));
        }
        text.append("""

                ## How it is predicted

                `tilewright profile` quantises each matrix of each expert at every width and measures the error of the expert's output
                on calibration rows; it also exchanges each matrix by itself for its 2-bit form and measures the divergence of the
                predictions. The loss of a matrix at a width is taken as that divergence times the ratio of the two output errors. The
                integer program (`ilp`) minimises the sum over all matrices within the bytes: a multiple-choice knapsack over
                the combinations of widths of each expert's three matrices, solved by its linear relaxation, by reduced costs and, for
                what these leave undecided, by a branch-and-bound solver. *Above the least* is by how much the sum may exceed the
                least possible.

                The sum itself is too large at few bits and too small at many: routing near ties changes with any error, however small,
                and two errors change it less than twice as often. So the profile also tries some allocations on calibration text, and
                predictions are sums times the ratio of divergence to sum found there for sums like them:

                | rule | bits | sum | divergence | loss increase of the calibration text |
                |---|---|---|---|---|
                """);
        profile.trials()
                .forEach(trial -> text.append(String.format(
                        Locale.ROOT,
                        "| %s | %.2f | %.5f | %.5f | %+.5f ± %.5f |%n",
                        trial.rule(),
                        trial.bitsPerWeight(),
                        trial.sum(),
                        trial.divergence(),
                        trial.lossIncrease(),
                        trial.standardError())));
        text.append("""

                The increase of the loss on one text differs from the divergence by a first-order term, the product of the change of the
                weights with that text's own gradient. Its sign and size are that text's, as the two texts here show. Once the divergence
                is below a few thousandths of a nat, that term is as large as it.
                """);
        return text.toString();
    }

    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final int LEFT = 70;
    private static final int BOTTOM = 370;
    private static final double MOST = 0.03;
    private static final double LEAST = 3e-6;

    private static double x(double bits) {
        return LEFT + (bits - 2) / 6.5 * (WIDTH - LEFT - 20);
    }

    private static double y(double divergence) {
        double share = Math.log(Math.max(LEAST, divergence) / LEAST) / Math.log(MOST / LEAST);
        return BOTTOM - share * (BOTTOM - 20);
    }

    private static String plot(List<Row> rows) {
        Map<AllocationRule, String> colours = new LinkedHashMap<>();
        colours.put(AllocationRule.ILP, "#1b6ca8");
        colours.put(AllocationRule.UNIFORM, "#777777");
        colours.put(AllocationRule.EDGEMOE, "#c0392b");
        colours.put(AllocationRule.MC_MOE, "#27864b");
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                WIDTH,
                HEIGHT));
        for (double value : new double[] {1e-5, 1e-4, 1e-3, 1e-2}) {
            line(svg, LEFT, y(value), WIDTH - 20, y(value), "#dddddd");
            label(svg, LEFT - 8, y(value) + 4, "end", String.format(Locale.ROOT, "%.5f", value), "black");
        }
        for (int bits = 2; bits <= 8; bits++) {
            line(svg, x(bits), BOTTOM, x(bits), 20, "#eeeeee");
            label(svg, x(bits), BOTTOM + 18, "middle", Integer.toString(bits), "black");
        }
        label(svg, (LEFT + WIDTH) / 2.0, HEIGHT - 12, "middle", "bits per expert weight, scales included", "black");
        label(svg, LEFT, 14, "start", "divergence, nats per token (logarithmic)", "black");
        int key = 0;
        for (var entry : colours.entrySet()) {
            StringBuilder points = new StringBuilder();
            for (Row row : rows) {
                if (row.rule() == entry.getKey()) {
                    double x = x(row.allocation().bitsPerWeight(RecordSizes.codes()));
                    double y = y(row.found().divergence());
                    points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
                    svg.append(String.format(
                            Locale.ROOT,
                            "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n",
                            x,
                            y,
                            entry.getValue()));
                }
            }
            svg.append(String.format(
                    "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\"/>%n",
                    points.toString().trim(), entry.getValue()));
            label(svg, WIDTH - 110, 50 + 18 * key++, "start", entry.getKey().label(), entry.getValue());
        }
        return svg.append("</svg>\n").toString();
    }

    private static void line(StringBuilder svg, double x1, double y1, double x2, double y2, String colour) {
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>%n",
                x1,
                y1,
                x2,
                y2,
                colour));
    }

    private static void label(StringBuilder svg, double x, double y, String anchor, String text, String colour) {
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>%n",
                x,
                y,
                anchor,
                colour,
                text));
    }
}
