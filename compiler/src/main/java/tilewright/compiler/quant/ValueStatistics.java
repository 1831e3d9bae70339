package tilewright.compiler.quant;

import java.util.Arrays;
import java.util.SplittableRandom;

/** What calibration saw of one value: its largest magnitude and an even sample of its magnitudes. */
public final class ValueStatistics {
    private static final int SAMPLE = 1 << 15;

    private final float[] sample = new float[SAMPLE];
    private final SplittableRandom random = new SplittableRandom(7);
    private long count;
    private float largest;
    private float[] sorted;

    /** Takes the elements of a value. */
    public void add(float[] values, int from, int to) {
        sorted = null;
        for (int i = from; i < to; i++) {
            float magnitude = Math.abs(values[i]);
            largest = Math.max(largest, magnitude);
            // Reservoir sampling: each element seen so far is kept with equal probability.
            if (count < SAMPLE) {
                sample[(int) count] = magnitude;
            } else {
                long place = random.nextLong(count + 1);
                if (place < SAMPLE) {
                    sample[(int) place] = magnitude;
                }
            }
            count++;
        }
    }

    /** Takes all elements of a value. */
    public void add(float[] values) {
        add(values, 0, values.length);
    }

    /** The largest magnitude seen; 0 if nothing was seen. */
    public double largest() {
        return largest;
    }

    /** The magnitude below which a fraction of all elements lies. */
    public double percentile(double fraction) {
        float[] values = sorted();
        return values.length == 0
                ? 0
                : values[(int) Math.min(values.length - 1L, Math.round(fraction * values.length))];
    }

    /** The mean squared error of quantising the sample to a width with a clipping magnitude. */
    public double quantisationError(double clip, int bits) {
        long highest = (1L << (bits - 1)) - 1;
        double scale = clip / highest;
        double error = 0;
        float[] values = sorted();
        for (float value : values) {
            double code = scale == 0 ? 0 : Math.min(highest, Math.rint(value / scale));
            double difference = value - code * scale;
            error += difference * difference;
        }
        return values.length == 0 ? 0 : error / values.length;
    }

    /** The signal-to-noise ratio of that quantisation, in dB. */
    public double signalToNoise(double clip, int bits) {
        double power = 0;
        for (float value : sorted()) {
            power += (double) value * value;
        }
        double noise = quantisationError(clip, bits) * sorted().length;
        return noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(power / noise);
    }

    private float[] sorted() {
        if (sorted == null) {
            sorted = Arrays.copyOf(sample, (int) Math.min(count, SAMPLE));
            Arrays.sort(sorted);
        }
        return sorted;
    }
}
