package tilewright.compiler.profile;

import java.util.Comparator;
import java.util.List;

/**
 * From the sum of matrices' predicted losses to the loss of all of them together, by the divergences of trials on calibration text.
 *
 * <p>The divergence is what the loss grows by on text that the model itself would write. On any given text a first-order term is added,
 * the product of the change with the text's own gradient: its sign is that text's, and no other text tells it.
 */
final class LossCalibration {
    private final List<Trial> trials;

    private LossCalibration(List<Trial> trials) {
        this.trials = trials;
    }

    /**
     * A calibration by trials of one rule, or of all where there are fewer than two of it; without any, sums are what they are.
     *
     * @param rule the allocator's name: those that minimise the sum profit from its errors, others do not
     */
    static LossCalibration of(List<Trial> trials, String rule) {
        List<Trial> usable = trials.stream()
                .filter(trial -> trial.sum() > 0 && trial.divergence() > 0)
                .sorted(Comparator.comparingDouble(Trial::sum))
                .toList();
        List<Trial> own =
                usable.stream().filter(trial -> trial.rule().equals(rule)).toList();
        return new LossCalibration(own.size() < 2 ? usable : own);
    }

    /**
     * The predicted loss for a sum: the ratio of loss to sum is interpolated between trials on logarithmic scales; below the least trial
     * it goes on as between the two least, above the greatest it stays.
     */
    double lossIncrease(double sum) {
        if (trials.isEmpty() || !(sum > 0)) {
            return Math.max(0, sum);
        }
        if (trials.size() == 1 || sum >= trials.getLast().sum()) {
            return sum * ratio(trials.getLast());
        }
        int above = 1;
        while (trials.get(above).sum() < sum) {
            above++;
        }
        Trial low = trials.get(above - 1);
        Trial high = trials.get(above);
        double span = Math.log(high.sum() / low.sum());
        if (!(span > 0)) {
            return sum * ratio(low);
        }
        // Losses grow with sums, if less than in proportion.
        double slope = Math.clamp(Math.log(ratio(high) / ratio(low)) / span, -1, 1);
        return sum * ratio(low) * Math.pow(sum / low.sum(), slope);
    }

    private static double ratio(Trial trial) {
        return trial.divergence() / trial.sum();
    }
}
