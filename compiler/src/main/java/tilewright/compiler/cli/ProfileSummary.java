package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import tilewright.compiler.profile.Profile;
import tilewright.compiler.profile.Trial;
import tilewright.compiler.store.MatrixPlace;
import tilewright.model.graph.ExpertMatrix;

/** What a profile has found, in a few lines or as JSON: which layers, matrices and experts matter, and what bits cost. */
final class ProfileSummary {
    /** The width at which matrices are compared: the coarsest. */
    private static final int BITS = 2;

    private static final int BAR = 20;
    /** Lines of layers; more layers share lines. */
    private static final int MOST_LINES = 16;
    /** Experts that JSON names for each layer. */
    private static final int NAMED = 8;

    private final Path file;
    private final Profile profile;
    /** The loss of 2 bits, or where that is not known the squared error, by layer, expert and matrix. */
    private final double[][][] losses;

    private final double[] layers;
    private final double all;

    ProfileSummary(Path file, Profile profile) {
        this.file = file;
        this.profile = profile;
        losses = new double[profile.layers()][][];
        for (int layer = 0; layer < losses.length; layer++) {
            losses[layer] = new double[profile.experts(layer)][ExpertMatrix.values().length];
            for (int expert = 0; expert < losses[layer].length; expert++) {
                for (ExpertMatrix matrix : profile.matrices(layer)) {
                    losses[layer][expert][matrix.ordinal()] =
                            profile.loss(new MatrixPlace(layer, expert, matrix), BITS);
                }
            }
        }
        layers = Arrays.stream(losses)
                .mapToDouble(
                        of -> Arrays.stream(of).mapToDouble(ProfileSummary::sum).sum())
                .toArray();
        all = sum(layers);
    }

    private static double sum(double[] values) {
        return Arrays.stream(values).sum();
    }

    private static double share(double part, double whole) {
        return whole > 0 ? part / whole : 0;
    }

    private double matrix(int layer, ExpertMatrix matrix) {
        return Arrays.stream(losses[layer])
                .mapToDouble(of -> of[matrix.ordinal()])
                .sum();
    }

    /** Experts of a layer, those that cost most first. */
    private List<Integer> ranked(int layer) {
        return IntStream.range(0, losses[layer].length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer expert) -> -sum(losses[layer][expert])))
                .toList();
    }

    /** Experts of a layer that no token used. */
    private long unused(int layer) {
        return IntStream.range(0, losses[layer].length)
                .filter(expert -> profile.tokens(layer, expert) == 0)
                .count();
    }

    /** Prints the lines. */
    void print(Console console) {
        int experts = IntStream.range(0, profile.layers()).map(profile::experts).sum();
        console.line(
                "%s: %d experts in %d layers, used by %d tokens%s",
                file,
                experts,
                profile.layers(),
                profile.tokens(),
                Double.isNaN(profile.baseLoss())
                        ? ""
                        : String.format(Locale.ROOT, " of perplexity %.3f", Math.exp(profile.baseLoss())));
        console.line("");
        console.line(
                "  %-7s %-" + BAR + "s  %-14s  %s",
                "layer",
                profile.hasSensitivity() ? "loss of " + BITS + " bits" : "error of " + BITS + " bits",
                "gate/up/down",
                "costliest experts (share of the layer; tokens that use them)");
        double most = Arrays.stream(layers).max().orElse(0);
        int together = Math.ceilDiv(layers.length, MOST_LINES);
        for (int first = 0; first < layers.length; first += together) {
            int last = Math.min(layers.length, first + together) - 1;
            int costliest = IntStream.rangeClosed(first, last)
                    .boxed()
                    .max(Comparator.comparingDouble(layer -> layers[layer]))
                    .orElseThrow();
            double mean = Arrays.stream(layers, first, last + 1).average().orElseThrow();
            console.line(
                    "  %-7s %s  %-14s  %s",
                    first == last ? "" + first : first + "-" + last,
                    console.bar(share(mean, most), BAR),
                    matrices(first, last),
                    experts(costliest, first == last ? "" : costliest + ": "));
        }
        long unused = IntStream.range(0, layers.length).mapToLong(this::unused).sum();
        if (unused > 0) {
            console.line("  %d of %d experts were used by no token; more text would tell them apart", unused, experts);
        }
        if (!profile.trials().isEmpty()) {
            console.line("");
            console.line("  %-8s %5s  %9s  %10s  %s", "rule", "bits", "sum", "divergence", "loss of this text");
        }
        for (Trial trial : profile.trials()) {
            console.line(
                    "  %-8s %5.2f  %9.5f  %10.5f  %+.5f (standard error %.5f)",
                    trial.rule(),
                    trial.bitsPerWeight(),
                    trial.sum(),
                    trial.divergence(),
                    trial.lossIncrease(),
                    trial.standardError());
        }
    }

    private String matrices(int first, int last) {
        List<String> shares = new ArrayList<>();
        double whole = Arrays.stream(layers, first, last + 1).sum();
        for (ExpertMatrix matrix : ExpertMatrix.values()) {
            double part = IntStream.rangeClosed(first, last)
                    .mapToDouble(layer -> matrix(layer, matrix))
                    .sum();
            shares.add(String.format(Locale.ROOT, "%.0f", 100 * share(part, whole)));
        }
        return String.join("/", shares) + " %";
    }

    private String experts(int layer, String prefix) {
        List<String> named = new ArrayList<>();
        for (int expert : ranked(layer).subList(0, Math.min(3, losses[layer].length))) {
            named.add(String.format(
                    Locale.ROOT,
                    "%s%d (%.0f %%; %.1f %%)",
                    prefix,
                    expert,
                    100 * share(sum(losses[layer][expert]), layers[layer]),
                    100 * profile.frequency(layer, expert)));
        }
        return String.join(", ", named);
    }

    /** As one JSON object. */
    ObjectNode json() {
        ObjectNode answer = Console.object();
        answer.put("profile", file.toString());
        answer.put("tokens", profile.tokens());
        if (!Double.isNaN(profile.baseLoss())) {
            answer.put("nll", profile.baseLoss());
            answer.put("perplexity", Math.exp(profile.baseLoss()));
        }
        answer.put("sensitivity", profile.sensitivityUnit());
        answer.put(profile.hasSensitivity() ? "loss_of_2_bits" : "squared_error_of_2_bits", all);
        ArrayNode list = answer.putArray("layers");
        for (int layer = 0; layer < layers.length; layer++) {
            ObjectNode one = list.addObject();
            one.put("experts", profile.experts(layer));
            one.put("experts_per_token", profile.topK(layer));
            one.put("unused_experts", unused(layer));
            one.put("share", share(layers[layer], all));
            ObjectNode matrices = one.putObject("matrices");
            for (ExpertMatrix matrix : profile.matrices(layer)) {
                matrices.put(matrix.label(), share(matrix(layer, matrix), layers[layer]));
            }
            ArrayNode costliest = one.putArray("costliest_experts");
            for (int expert : ranked(layer).subList(0, Math.min(NAMED, losses[layer].length))) {
                costliest
                        .addObject()
                        .put("expert", expert)
                        .put("share", share(sum(losses[layer][expert]), layers[layer]))
                        .put("frequency", profile.frequency(layer, expert));
            }
        }
        ArrayNode trials = answer.putArray("trials");
        for (Trial trial : profile.trials()) {
            trials.addObject()
                    .put("rule", trial.rule())
                    .put("bits_per_weight", trial.bitsPerWeight())
                    .put("sum", trial.sum())
                    .put("divergence", trial.divergence())
                    .put("loss_increase", trial.lossIncrease())
                    .put("standard_error", trial.standardError())
                    .put("tokens", trial.tokens());
        }
        return answer;
    }
}
