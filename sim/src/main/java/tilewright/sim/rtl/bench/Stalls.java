package tilewright.sim.rtl.bench;

import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * How often one side of a handshake makes the other wait.
 *
 * @param probability the share of cycles in which it stalls, at least 0 and below 1
 * @param meanLength the mean number of cycles that a stall lasts once begun, at least 1; 0 where each cycle is drawn by itself
 */
public record Stalls(double probability, int meanLength) {
    /** Never. */
    public static final Stalls NONE = of(0);

    /** Stalls that are possible. */
    public Stalls {
        if (!(probability >= 0 && probability < 1) || meanLength < 0) {
            throw new IllegalArgumentException("stalls of probability " + probability + " and length " + meanLength
                    + "; a probability is at least 0 and below 1, a length at least 0");
        }
    }

    /** Each cycle drawn by itself. */
    public static Stalls of(double probability) {
        return new Stalls(probability, 0);
    }

    /** Stalls in bursts of a mean length, as many as make up the share of cycles. */
    public static Stalls bursts(double probability, int meanLength) {
        return new Stalls(probability, Math.max(1, meanLength));
    }

    /** Says at each call whether the next cycle is stalled. */
    public BooleanSupplier pattern(Random random) {
        if (probability == 0) {
            return () -> false;
        }
        if (meanLength == 0) {
            return () -> random.nextDouble() < probability;
        }
        double end = 1.0 / meanLength;
        double begin = Math.min(1, end * probability / (1 - probability));
        boolean[] stalled = {random.nextDouble() < probability};
        return () -> {
            boolean now = stalled[0];
            stalled[0] = now ? random.nextDouble() >= end : random.nextDouble() < begin;
            return now;
        };
    }

    /** As messages and names of files have it: {@code "25%"}, {@code "25%x8"}. */
    @Override
    public String toString() {
        return Math.round(100 * probability) + "%" + (meanLength > 0 ? "x" + meanLength : "");
    }
}
