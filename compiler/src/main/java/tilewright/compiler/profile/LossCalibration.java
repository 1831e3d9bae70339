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

    /** A calibration by trials; without any, sums are what they are. */
    static LossCalibration of(List<Trial> trials) {
        return new LossCalibration(trials.stream()
                .filter(trial -> trial.sum() > 0 && trial.divergence() > 0)
                .sorted(Comparator.comparingDouble(Trial::sum))
                .toList());
    }

    /** The predicted loss for a sum: interpolated between trials on logarithmic scales, beyond them in proportion. */
    double lossIncrease(double sum) {
        if (trials.isEmpty() || sum <= trials.getFirst().sum()) {
            return trials.isEmpty() ? sum : sum * ratio(trials.getFirst());
        }
        if (sum >= trials.getLast().sum()) {
            return sum * ratio(trials.getLast());
        }
        int above = 1;
        while (trials.get(above).sum() < sum) {
            above++;
        }
        Trial low = trials.get(above - 1);
        Trial high = trials.get(above);
        double share = Math.log(sum / low.sum()) / Math.log(high.sum() / low.sum());
        return sum * Math.exp((1 - share) * Math.log(ratio(low)) + share * Math.log(ratio(high)));
    }

    private static double ratio(Trial trial) {
        return trial.divergence() / trial.sum();
    }
}
