package tilewright.model.store;

import java.util.List;

/**
 * How much the loss minds when a layer's experts are disturbed, as calibration has found it.
 *
 * <p>An expert's <em>share</em> of a token is the part that it has of the token's routing weights, 0 to 1. Near the exact model the
 * loss grows with the square of what is left out, after AdapMoE (arXiv 2408.10284): leaving out an expert of share r costs {@code
 * sensitivity * r^2}.
 *
 * @param sensitivity nats of a token by which the loss would grow for an expert of share 1, positive; 0 when it is not known
 * @param squaredShares by range of shares, see {@link #range}, the sum over a token's experts of their squared shares, in the mean over
 *     tokens; {@value #RANGES} numbers
 * @param lowerLosses for each expert how much the loss would grow, in nats per token of the text, if only it always had its lower width
 * @param frequencies for each expert the part of all tokens that go to it, 0 to 1
 */
public record LayerSensitivity(
        double sensitivity, List<Double> squaredShares, List<Double> lowerLosses, List<Double> frequencies) {
    /** How many ranges of shares there are. */
    public static final int RANGES = 64;

    private static final int PER_OCTAVE = 4;

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException when lists do not belong together or a number is negative, infinite or none
     */
    public LayerSensitivity {
        squaredShares = checked("squared shares", squaredShares, RANGES);
        lowerLosses = checked("losses", lowerLosses, lowerLosses.size());
        frequencies = checked("frequencies", frequencies, lowerLosses.size());
        checked("sensitivity", List.of(sensitivity), 1);
    }

    private static List<Double> checked(String what, List<Double> values, int length) {
        if (values.size() != length) {
            throw new IllegalArgumentException(values.size() + " " + what + ", expected " + length);
        }
        for (double value : values) {
            if (!(value >= 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(what + ": " + value + ", expected a finite number from 0 on");
            }
        }
        return List.copyOf(values);
    }

    /** The range that a share lies in: a quarter of an octave each, the last one ends at 1, the first one begins at 0. */
    public static int range(double share) {
        double octaves = Math.log(share) / Math.log(2);
        return (int) Math.clamp(Math.floor(octaves * PER_OCTAVE) + RANGES, 0, RANGES - 1.0);
    }

    /** Where a range begins. */
    public static double least(int range) {
        return range == 0 ? 0 : Math.pow(2, (range - RANGES) / (double) PER_OCTAVE);
    }

    /** Where a range ends. */
    public static double most(int range) {
        return least(range + 1);
    }

    /**
     * By how much the loss would grow, in nats per token, if all experts of less than this share were always left out; ranges that it
     * divides count as a whole.
     */
    public double leftOutLoss(double share) {
        double sum = 0;
        for (int range = 0; range < RANGES && least(range) < share * (1 - 1e-9); range++) {
            sum += squaredShares.get(range);
        }
        return sensitivity * sum;
    }
}
