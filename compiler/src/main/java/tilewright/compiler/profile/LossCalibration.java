package tilewright.compiler.profile;

import java.util.Comparator;
import java.util.List;

/** From the sum of matrices' predicted losses to the loss of all of them together, by trials on calibration text. */
final class LossCalibration {
    private final List<Trial> trials;
    /** What the loss of the text grows for each nat of divergence. */
    private final double lossPerDivergence;

    private LossCalibration(List<Trial> trials, double lossPerDivergence) {
        this.trials = trials;
        this.lossPerDivergence = lossPerDivergence;
    }

    /**
     * A calibration by trials; without any, sums are what they are.
     *
     * <p>Divergences are known well for each trial and give the shape. Losses are not, but all trials together tell how much of a
     * divergence becomes loss: the line through 0 of least squares, each trial weighted by its standard error.
     */
    static LossCalibration of(List<Trial> trials) {
        List<Trial> usable = trials.stream()
                .filter(trial -> trial.sum() > 0 && trial.divergence() > 0)
                .sorted(Comparator.comparingDouble(Trial::sum))
                .toList();
        double product = 0;
        double square = 0;
        for (Trial trial : usable) {
            double variance = Math.max(trial.standardError() * trial.standardError(), Double.MIN_NORMAL);
            product += trial.lossIncrease() * trial.divergence() / variance;
            square += trial.divergence() * trial.divergence() / variance;
        }
        return new LossCalibration(usable, square > 0 && product > 0 ? product / square : 1);
    }

    /** The predicted divergence for a sum: interpolated between trials on logarithmic scales, beyond them in proportion. */
    double divergence(double sum) {
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

    /** The predicted loss for a sum. */
    double lossIncrease(double sum) {
        return divergence(sum) * lossPerDivergence;
    }
}
