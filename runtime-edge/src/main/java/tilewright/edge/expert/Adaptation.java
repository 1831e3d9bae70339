package tilewright.edge.expert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import tilewright.model.store.LayerSensitivity;

/**
 * What precision may give way under pressure: which experts may come at their lower width, and below which share of a token's routing
 * weights an expert that is not in memory is left out.
 *
 * <p>Both follow from a tolerated increase of the loss, half of which goes to each where both are possible. Lower widths are allowed to
 * the experts whose use costs the least loss, as long as all of them together, always at their lower width, stay within their half. An
 * expert is left out below the share {@code sqrt(theta / s)}, with s the layer's sensitivity (AdapMoE, arXiv 2408.10284), and the
 * largest theta with which leaving out all such uses stays within the other half. As only what is not in memory gives way, a run
 * loses less.
 */
public final class Adaptation {
    /** Without measured sensitivities an expert of less than this part of the mean share is left out. */
    private static final double FIXED = 0.25;

    private final double[] thresholds;
    private final boolean[][] lower;
    private final double lowerLoss;
    private final double leftOutLoss;

    private Adaptation(double[] thresholds, boolean[][] lower, double lowerLoss, double leftOutLoss) {
        this.thresholds = thresholds;
        this.lower = lower;
        this.lowerLoss = lowerLoss;
        this.leftOutLoss = leftOutLoss;
    }

    /**
     * What a tolerance allows; where records know no sensitivities all lower widths, and a fixed part of the mean share.
     *
     * @param perToken experts of a token, by the records' layer
     * @param tolerance nats per token, positive
     */
    static Adaptation within(ExpertRecords records, int[] perToken, double tolerance) {
        List<LayerSensitivity> layers = records.sensitivities();
        boolean[][] lower = new boolean[perToken.length][];
        for (int layer = 0; layer < lower.length; layer++) {
            lower[layer] = new boolean[records.experts(layer)];
        }
        if (layers.isEmpty()) {
            for (boolean[] experts : lower) {
                Arrays.fill(experts, true);
            }
            double[] fixed =
                    Arrays.stream(perToken).mapToDouble(count -> FIXED / count).toArray();
            return new Adaptation(fixed, lower, Double.NaN, Double.NaN);
        }
        boolean nested = hasLowerWidths(records);
        double part = nested ? tolerance / 2 : tolerance;
        double lowerLoss = nested ? allowLower(records, layers, part, lower) : 0;
        double[] thresholds = thresholds(layers, perToken, part);
        return new Adaptation(thresholds, lower, lowerLoss, leftOutLoss(layers, thresholds));
    }

    private static boolean hasLowerWidths(ExpertRecords records) {
        for (int layer = 0; layer < records.layers(); layer++) {
            for (int expert = 0; expert < records.experts(layer); expert++) {
                if (records.levels(layer, expert) > 1) {
                    return true;
                }
            }
        }
        return false;
    }

    /** An expert that has a lower width. */
    private record Candidate(int layer, int expert, double loss, double frequency) {
        /** Nats that one use costs. */
        double perUse() {
            return frequency > 0 ? loss / frequency : loss > 0 ? Double.MAX_VALUE : 0;
        }
    }

    /** Allows lower widths, the cheapest use first, and gives the loss if all of them were always taken. */
    private static double allowLower(
            ExpertRecords records, List<LayerSensitivity> layers, double tolerance, boolean[][] lower) {
        List<Candidate> candidates = new ArrayList<>();
        for (int layer = 0; layer < lower.length; layer++) {
            LayerSensitivity of = layers.get(layer);
            for (int expert = 0; expert < lower[layer].length; expert++) {
                if (records.levels(layer, expert) > 1) {
                    candidates.add(new Candidate(
                            layer,
                            expert,
                            of.lowerLosses().get(expert),
                            of.frequencies().get(expert)));
                }
            }
        }
        candidates.sort(Comparator.comparingDouble(Candidate::perUse));
        double sum = 0;
        for (Candidate candidate : candidates) {
            if (sum + candidate.loss() > tolerance) {
                break;
            }
            sum += candidate.loss();
            lower[candidate.layer()][candidate.expert()] = true;
        }
        return sum;
    }

    /** The shares below which experts are left out, with the largest theta that the tolerance allows. */
    private static double[] thresholds(List<LayerSensitivity> layers, int[] perToken, double tolerance) {
        // What is left out changes only where a layer's share reaches the end of a range.
        TreeSet<Double> thetas = new TreeSet<>();
        for (LayerSensitivity layer : layers) {
            for (int range = 0; range < LayerSensitivity.RANGES && layer.sensitivity() > 0; range++) {
                double share = LayerSensitivity.most(range);
                thetas.add(layer.sensitivity() * share * share);
            }
        }
        double[] best = new double[layers.size()];
        for (double theta : thetas) {
            double[] shares = new double[best.length];
            for (int layer = 0; layer < shares.length; layer++) {
                double sensitivity = layers.get(layer).sensitivity();
                // A token's first expert has at least the mean share and stays.
                shares[layer] = sensitivity > 0 ? Math.min(Math.sqrt(theta / sensitivity), 1.0 / perToken[layer]) : 0;
            }
            if (leftOutLoss(layers, shares) > tolerance) {
                break;
            }
            best = shares;
        }
        return best;
    }

    private static double leftOutLoss(List<LayerSensitivity> layers, double[] shares) {
        double sum = 0;
        for (int layer = 0; layer < shares.length; layer++) {
            sum += layers.get(layer).leftOutLoss(shares[layer]);
        }
        return sum;
    }

    /** The same without leaving out anything. */
    public Adaptation onlyLowerWidths() {
        return new Adaptation(new double[thresholds.length], lower, lowerLoss, 0 * leftOutLoss);
    }

    /** The same without lower widths. */
    public Adaptation onlyLeavingOut() {
        boolean[][] none = new boolean[lower.length][];
        Arrays.setAll(none, layer -> new boolean[lower[layer].length]);
        return new Adaptation(thresholds, none, 0 * lowerLoss, leftOutLoss);
    }

    /** Whether it follows from measured sensitivities; if not, no tolerance is kept. */
    public boolean isMeasured() {
        return !Double.isNaN(lowerLoss);
    }

    /** The share of a token's routing weights below which an expert that is not in memory is left out; 0 for never. */
    public double threshold(int layer) {
        return thresholds[layer];
    }

    /** Whether an expert may come at its lower width. */
    public boolean mayBeLower(int layer, int expert) {
        return lower[layer][expert];
    }

    /**
     * By how much the loss would grow, in nats per token, if all that may give way always did; NaN when that is not known.
     */
    public double mostLoss() {
        return lowerLoss + leftOutLoss;
    }
}
