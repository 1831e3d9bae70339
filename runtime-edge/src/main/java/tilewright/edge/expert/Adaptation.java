package tilewright.edge.expert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import tilewright.model.store.LayerSensitivity;

/**
 * What precision may give way under pressure: which experts may come at their lower width, and below which share of a token's routing
 * weights an expert that is not in memory is left out.
 *
 * <p>Both follow from a tolerated increase of the loss, at one price: what may be lost, theta, for not reading a record. An expert is
 * left out below the share {@code sqrt(theta / s)}, with s the layer's sensitivity (AdapMoE, arXiv 2408.10284). It may come at its
 * lower width where a use of that costs at most theta times the part of a record that is not read. Theta is the largest with which the
 * loss stays within the tolerance if all that may give way always did; as only what is not in memory does, a run loses less.
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
        List<Lower> candidates = candidates(records, layers);
        double[] thetas = DoubleStream.concat(
                        candidates.stream().mapToDouble(Lower::price),
                        layers.stream().flatMapToDouble(Adaptation::prices))
                .sorted()
                .distinct()
                .toArray();
        Adaptation best = at(0, layers, candidates, perToken, lower);
        int low = 0;
        int high = thetas.length;
        while (low < high) {
            int middle = (low + high) / 2;
            Adaptation found = at(thetas[middle], layers, candidates, perToken, lower);
            if (found.mostLoss() <= tolerance) {
                best = found;
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return best;
    }

    /** The prices at which a layer leaves out one more range of shares. */
    private static DoubleStream prices(LayerSensitivity layer) {
        return IntStream.range(0, LayerSensitivity.RANGES)
                .mapToDouble(
                        range -> layer.sensitivity() * LayerSensitivity.most(range) * LayerSensitivity.most(range));
    }

    /**
     * An expert that has a lower width.
     *
     * @param loss nats per token if it always has it
     * @param price nats of one use, divided by the part of a mean record that is not read
     */
    private record Lower(int layer, int expert, double loss, double price) {}

    private static List<Lower> candidates(ExpertRecords records, List<LayerSensitivity> layers) {
        List<Lower> candidates = new ArrayList<>();
        double mean = 0;
        int all = 0;
        for (int layer = 0; layer < layers.size(); layer++) {
            all += records.experts(layer);
            for (int expert = 0; expert < records.experts(layer); expert++) {
                mean += bytes(records, layer, expert, -1);
            }
        }
        mean /= all;
        for (int layer = 0; layer < layers.size(); layer++) {
            LayerSensitivity of = layers.get(layer);
            for (int expert = 0; expert < records.experts(layer); expert++) {
                if (records.levels(layer, expert) > 1) {
                    double loss = of.lowerLosses().get(expert);
                    double saved = bytes(records, layer, expert, 0) / mean;
                    double frequency = of.frequencies().get(expert);
                    double price = loss == 0 ? 0 : loss / frequency / saved;
                    candidates.add(new Lower(layer, expert, loss, price));
                }
            }
        }
        return candidates;
    }

    /** What is read of an expert beyond a level. */
    private static double bytes(ExpertRecords records, int layer, int expert, int have) {
        return records.extents(layer, expert, have, records.levels(layer, expert) - 1).stream()
                .mapToLong(ExpertRecords.Extent::bytes)
                .sum();
    }

    /** What gives way at a price. */
    private static Adaptation at(
            double theta, List<LayerSensitivity> layers, List<Lower> candidates, int[] perToken, boolean[][] none) {
        double[] shares = new double[layers.size()];
        boolean[][] lower = new boolean[none.length][];
        double leftOutLoss = 0;
        for (int layer = 0; layer < shares.length; layer++) {
            double sensitivity = layers.get(layer).sensitivity();
            // A token's first expert has at least the mean share and stays.
            shares[layer] = sensitivity > 0 ? Math.min(Math.sqrt(theta / sensitivity), 1.0 / perToken[layer]) : 0;
            leftOutLoss += layers.get(layer).leftOutLoss(shares[layer]);
            lower[layer] = none[layer].clone();
        }
        double lowerLoss = 0;
        for (Lower candidate : candidates) {
            if (candidate.price() <= theta) {
                lower[candidate.layer()][candidate.expert()] = true;
                lowerLoss += candidate.loss();
            }
        }
        return new Adaptation(shares, lower, lowerLoss, leftOutLoss);
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
