package tilewright.compiler.quant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calibration statistics against those of all elements, and against what is known of distributions. */
class ValueStatisticsTest {
    private static float[] uniform(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = 2 * random.nextFloat() - 1;
        }
        return values;
    }

    private static float[] normal(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static ValueStatistics of(float... values) {
        ValueStatistics statistics = new ValueStatistics();
        statistics.add(values);
        return statistics;
    }

    /** The mean squared error over all elements, signs and all. */
    static double exactError(float[] values, double clip, int bits) {
        double highest = Math.pow(2, bits - 1) - 1;
        double error = 0;
        for (float value : values) {
            double code = Math.max(-highest, Math.min(highest, Math.rint(value * highest / clip)));
            error += Math.pow(value - code * clip / highest, 2);
        }
        return error / values.length;
    }

    @Test
    void nothingSeenHasNoMagnitudeAndNoError() {
        ValueStatistics empty = of();

        assertEquals(0, empty.largest());
        assertEquals(0, empty.percentile(0.5));
        assertEquals(0, empty.quantisationError(1, 8));
    }

    @Test
    void zerosAreRepresentedExactlyWhateverTheClip() {
        ValueStatistics zeros = of(0, 0, 0);

        assertEquals(0, zeros.largest());
        assertEquals(0, zeros.quantisationError(0, 8));
        assertEquals(Double.POSITIVE_INFINITY, zeros.signalToNoise(1, 8));
    }

    @Test
    void magnitudesCountNotSigns() {
        ValueStatistics statistics = of(-3, 2, -1, 0.5f);

        assertEquals(3, statistics.largest());
        assertEquals(0.5, statistics.percentile(0));
        assertEquals(2, statistics.percentile(0.5));
        assertEquals(3, statistics.percentile(1));
    }

    @Test
    void onlyTheElementsGivenAreTaken() {
        ValueStatistics part = new ValueStatistics();
        part.add(new float[] {100, 1, 2, -3, 100}, 1, 4);

        assertEquals(3, part.largest());
        assertEquals(2, part.percentile(0.4));
    }

    @Test
    void percentilesOfWhatFitsTheSampleAreExact() {
        float[] values = normal(20_000, 1);
        ValueStatistics statistics = of(values);
        double[] sorted = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            sorted[i] = Math.abs(values[i]);
        }
        Arrays.sort(sorted);
        for (double fraction : new double[] {0, 0.25, 0.5, 0.9, 0.99, 0.9999}) {
            double found = statistics.percentile(fraction);
            long below = Arrays.stream(sorted).filter(value -> value < found).count();
            assertEquals(fraction * values.length, below, 0.5, "elements below percentile " + fraction);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32_768, 32_769, 65_537, 1_000_003})
    void theSampleStandsForAllElementsHoweverMany(int count) {
        float[] values = uniform(count, count);
        values[count / 3] = -7;
        ValueStatistics statistics = new ValueStatistics();
        // In uneven parts, as batches come.
        for (int from = 0; from < count; from += 4099) {
            statistics.add(values, from, Math.min(count, from + 4099));
        }

        assertEquals(7, statistics.largest(), "the largest is never sampled away");
        // Four standard deviations of a sample of 2^14.
        double four = 4 / Math.sqrt(1 << 14);
        for (double fraction : new double[] {0.1, 0.5, 0.9, 0.99}) {
            assertEquals(fraction, statistics.percentile(fraction), four * Math.sqrt(fraction * (1 - fraction)));
        }
        assertEquals(exactError(values, 8, 6), statistics.quantisationError(8, 6), 0.05 * exactError(values, 8, 6));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7, 64, 96, 192, 768, 1024})
    void outliersInOneFeatureOfARowAreSampledAsOftenAsTheyOccur(int rowLength) {
        float[] values = new float[rowLength * (600_000 / rowLength)];
        Arrays.fill(values, 0.5f);
        for (int i = rowLength / 2; i < values.length; i += rowLength) {
            values[i] = 4;
        }
        ValueStatistics statistics = of(values);

        // Clipped at 1, an outlier costs 9 and everything else a rounding error.
        double share = statistics.quantisationError(1, 16) / 9;
        double deviationOfRandomSampling = Math.sqrt((double) rowLength / (1 << 14));
        assertEquals(1, share * rowLength, deviationOfRandomSampling);
    }

    @Test
    void theErrorOfWhatFitsTheSampleIsExact() {
        float[] values = normal(10_000, 2);
        ValueStatistics statistics = of(values);
        for (int bits : new int[] {4, 8, 16}) {
            for (double clip : new double[] {0.1, 1, 2.5, 10}) {
                double exact = exactError(values, clip, bits);
                assertEquals(exact, statistics.quantisationError(clip, bits), 1e-6 * exact);
            }
        }
    }

    @Test
    void aFullScaleUniformValueHasTheTextbookSignalToNoiseRatio() {
        ValueStatistics statistics = of(uniform(30_000, 3));

        // Signal 1/3, noise step^2 / 12 with 2^bits - 2 steps from -1 to 1.
        assertEquals(10 * Math.log10(4 * 127.0 * 127), statistics.signalToNoise(1, 8), 0.2);
        assertEquals(10 * Math.log10(4 * 32767.0 * 32767), statistics.signalToNoise(1, 16), 0.2);
        assertEquals(
                20 * Math.log10(2),
                statistics.signalToNoise(1, 8) - statistics.signalToNoise(2, 8),
                0.3,
                "twice the range costs 6 dB");
    }

    @Test
    void theOrderOfElementsDoesNotMatterWhileTheyFitTheSample() {
        float[] values = normal(5000, 4);
        ValueStatistics forwards = of(values);
        ValueStatistics backwards = new ValueStatistics();
        for (int i = values.length - 1; i >= 0; i--) {
            backwards.add(values, i, i + 1);
        }

        assertEquals(forwards.percentile(0.77), backwards.percentile(0.77));
        assertEquals(forwards.quantisationError(1, 8), backwards.quantisationError(1, 8));
    }

    @Test
    void elementsAddedAfterAQuestionCount() {
        ValueStatistics statistics = of(1, 2);
        assertEquals(2, statistics.percentile(1));
        statistics.add(new float[] {5});

        assertEquals(5, statistics.percentile(1));
        assertTrue(statistics.quantisationError(2, 8) > 2.9);
    }
}
