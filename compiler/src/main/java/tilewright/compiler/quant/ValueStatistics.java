package tilewright.compiler.quant;

import java.util.Arrays;

/** What calibration saw of one value: its largest magnitude and an even sample of its magnitudes. */
public final class ValueStatistics {
    private static final int SAMPLE = 1 << 15;

    /** Multiples of it, modulo 2^64, are evenly spread: the golden ratio. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private final float[] sample = new float[SAMPLE];
    private final long[] order = new long[SAMPLE];
    private int kept;
    private int thinning;
    private long count;
    private float largest;
    private float[] sorted;

    /** Takes the elements of a value. */
    public void add(float[] values, int from, int to) {
        sorted = null;
        for (int i = from; i < to; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        for (int i = from; i < to; i++) {
            long place = count++ * SPREAD;
            if (place >>> 1 >>> (Long.SIZE - 1 - thinning) == 0) {
                keep(Math.abs(values[i]), place);
            }
        }
    }

    /** Keeps one element in 2^thinning; a full sample is thinned to its half. */
    private void keep(float magnitude, long place) {
        if (kept == SAMPLE) {
            thinning++;
            int left = 0;
            for (int i = 0; i < SAMPLE; i++) {
                if (order[i] >>> 1 >>> (Long.SIZE - 1 - thinning) == 0) {
                    sample[left] = sample[i];
                    order[left++] = order[i];
                }
            }
            kept = left;
        }
        if (kept < SAMPLE && place >>> 1 >>> (Long.SIZE - 1 - thinning) == 0) {
            sample[kept] = magnitude;
            order[kept++] = place;
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
            sorted = Arrays.copyOf(sample, kept);
            Arrays.sort(sorted);
        }
        return sorted;
    }
}
