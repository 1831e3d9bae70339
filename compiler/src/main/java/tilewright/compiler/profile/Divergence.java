package tilewright.compiler.profile;

import java.util.Arrays;
import java.util.stream.IntStream;
import tilewright.edge.language.Logits;

/** A model's predictions of some tokens, kept to measure how far those of a changed model are from them. */
final class Divergence {
    private static final double SERIES = 0.1;

    private final int rows;
    private final int vocabulary;
    private final float[] logits;
    private final float[] probabilities;
    private final int[] targets;

    /**
     * What a changed model does to the loss, summed over tokens, in nats.
     *
     * @param divergence Kullback-Leibler divergence of the changed predictions from the kept ones
     * @param increase of the negative log likelihood of the targets
     * @param squaredIncrease its square, token by token
     */
    record Change(double divergence, double increase, double squaredIncrease) {
        Change plus(Change other) {
            return new Change(
                    divergence + other.divergence, increase + other.increase, squaredIncrease + other.squaredIncrease);
        }
    }

    /**
     * Keeps predictions.
     *
     * @param targets the token that follows each row
     */
    Divergence(Logits base, int[] targets) {
        this.rows = base.rows();
        this.vocabulary = base.vocabulary();
        this.targets = targets;
        this.logits = Arrays.copyOf(base.data(), base.at(rows));
        this.probabilities = new float[logits.length];
        IntStream.range(0, rows).parallel().forEach(this::softmax);
    }

    private void softmax(int row) {
        int first = row * vocabulary;
        double max = Double.NEGATIVE_INFINITY;
        for (int i = first; i < first + vocabulary; i++) {
            max = Math.max(max, logits[i]);
        }
        double sum = 0;
        for (int i = first; i < first + vocabulary; i++) {
            double exp = Math.exp(logits[i] - max);
            probabilities[i] = (float) exp;
            sum += exp;
        }
        for (int i = first; i < first + vocabulary; i++) {
            probabilities[i] /= (float) sum;
        }
    }

    /** The negative log likelihood of the targets by these predictions, summed over rows, in nats. */
    static double loss(Logits logits, int[] targets) {
        double[] rows = new double[logits.rows()];
        IntStream.range(0, rows.length).parallel().forEach(row -> {
            int first = row * logits.vocabulary();
            double max = Double.NEGATIVE_INFINITY;
            for (int i = first; i < first + logits.vocabulary(); i++) {
                max = Math.max(max, logits.data()[i]);
            }
            double sum = 0;
            for (int i = first; i < first + logits.vocabulary(); i++) {
                sum += Math.exp(logits.data()[i] - max);
            }
            rows[row] = Math.log(sum) + max - logits.data()[first + targets[row]];
        });
        return Arrays.stream(rows).sum();
    }

    /** Measures another model's predictions of the same tokens. */
    Change of(Logits changed) {
        Change[] changes = new Change[rows];
        IntStream.range(0, rows).parallel().forEach(row -> changes[row] = row(changed.data(), row));
        Change sum = new Change(0, 0, 0);
        for (Change change : changes) {
            sum = sum.plus(change);
        }
        return sum;
    }

    /**
     * With d the change of each logit less that of the target, p the kept probabilities and s the sum of p (e^d - 1), the new
     * partition sum is 1 + s of the old: the likelihood's increase is log(1 + s), the divergence log(1 + s) less the mean of d. Both sums
     * avoid the difference of nearly equal numbers.
     */
    private Change row(float[] changed, int row) {
        int first = row * vocabulary;
        double shift = (double) changed[first + targets[row]] - logits[first + targets[row]];
        double mean = 0;
        double beyond = 0;
        double whole = 0;
        for (int i = first; i < first + vocabulary; i++) {
            double p = probabilities[i];
            double d = (double) changed[i] - logits[i] - shift;
            whole += p;
            mean += p * d;
            beyond += p
                    * (Math.abs(d) < SERIES
                            ? d * d * (1 / 2.0 + d * (1 / 6.0 + d * (1 / 24.0 + d * (1 / 120.0 + d / 720))))
                            : Math.expm1(d) - d);
        }
        mean /= whole;
        beyond /= whole;
        double s = mean + beyond;
        double increase = Math.log1p(s);
        double divergence = Math.abs(s) < SERIES / 10
                ? beyond - s * s * (1 / 2.0 - s * (1 / 3.0 - s * (1 / 4.0 - s / 5)))
                : increase - mean;
        return new Change(divergence, increase, increase * increase);
    }
}
