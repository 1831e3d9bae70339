package tilewright.compiler.quant;

import java.util.Locale;

/** How the range of a value becomes the clipping magnitude of its integer codes. */
public enum ScalePolicy {
    /** The largest magnitude that calibration saw. */
    MIN_MAX {
        @Override
        public double clip(ValueStatistics statistics, int bits) {
            return statistics.largest();
        }
    },
    /** The magnitude that 99.99 % of all elements stay below. */
    PERCENTILE {
        @Override
        public double clip(ValueStatistics statistics, int bits) {
            return statistics.percentile(0.9999);
        }
    },
    /** The magnitude with the least mean squared error of the codes. */
    MSE {
        @Override
        public double clip(ValueStatistics statistics, int bits) {
            double best = statistics.largest();
            double least = statistics.quantisationError(best, bits);
            for (int i = 1; i < STEPS; i++) {
                double clip = statistics.largest() * (1 - LOWEST * i / STEPS);
                double error = statistics.quantisationError(clip, bits);
                if (error < least) {
                    least = error;
                    best = clip;
                }
            }
            return best;
        }
    };

    private static final int STEPS = 40;
    private static final double LOWEST = 0.8;

    /** The clipping magnitude of a value for a width. */
    public abstract double clip(ValueStatistics statistics, int bits);

    /** The name in reports. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
