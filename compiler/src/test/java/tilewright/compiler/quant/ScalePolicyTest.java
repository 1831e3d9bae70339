package tilewright.compiler.quant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.compiler.CompileException;
import tilewright.hw.program.IntegerFormat;

/** Clipping magnitudes against brute force and published optima, and the scales that follow from them. */
class ScalePolicyTest {
    private static final int COUNT = 20_000;

    private static float[] draw(long seed, ToDoubleFunction<Random> distribution) {
        Random random = new Random(seed);
        float[] values = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            values[i] = (float) distribution.applyAsDouble(random);
        }
        return values;
    }

    private static double laplace(Random random) {
        return (random.nextBoolean() ? 1 : -1) * -Math.log(1 - random.nextDouble());
    }

    private static ValueStatistics of(float... values) {
        ValueStatistics statistics = new ValueStatistics();
        statistics.add(values);
        return statistics;
    }

    @Test
    void minMaxKeepsEverything() {
        assertEquals(9, ScalePolicy.MIN_MAX.clip(of(1, -9, 3), 8));
    }

    @Test
    void thePercentileLeavesOneInTenThousandOut() {
        float[] values = draw(1, Random::nextGaussian);
        double clip = ScalePolicy.PERCENTILE.clip(of(values), 8);
        int outside = 0;
        for (float value : values) {
            outside += Math.abs(value) >= clip ? 1 : 0;
        }
        assertEquals(COUNT / 10_000, outside);
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 8, 16})
    void theLeastSquaresClipIsAsGoodAsBruteForce(int bits) {
        List<float[]> draws = List.of(
                draw(2, Random::nextGaussian),
                draw(3, ScalePolicyTest::laplace),
                draw(4, Random::nextDouble),
                draw(5, random -> random.nextInt(200) == 0 ? 30 : random.nextGaussian()));
        for (float[] values : draws) {
            double largest = of(values).largest();
            double best = Double.POSITIVE_INFINITY;
            for (int i = 0; i <= 400; i++) {
                best = Math.min(best, ValueStatisticsTest.exactError(values, largest * (0.2 + 0.002 * i), bits));
            }
            double clip = ScalePolicy.MSE.clip(of(values), bits);
            double error = ValueStatisticsTest.exactError(values, clip, bits);

            assertTrue(error <= 1.05 * best, error + " at " + clip + ", brute force finds " + best);
            assertTrue(error <= ValueStatisticsTest.exactError(values, largest, bits) * (1 + 1e-9));
        }
    }

    /** Banner et al. 2019, arXiv 1810.05723, table of optimal clipping: multiples of sigma and of b. */
    @ParameterizedTest
    @CsvSource({"4, 2.55, 5.03", "5, 2.93, 6.20", "6, 3.28, 7.41"})
    void theLeastSquaresClipIsThePublishedOneForKnownDistributions(int bits, double normal, double laplace) {
        assertEquals(normal, ScalePolicy.MSE.clip(of(draw(6, Random::nextGaussian)), bits), 0.1 * normal);
        assertEquals(laplace, ScalePolicy.MSE.clip(of(draw(7, ScalePolicyTest::laplace)), bits), 0.1 * laplace);
    }

    @Test
    void labelsAreLowerCaseWords() {
        assertEquals(
                List.of("min-max", "percentile", "mse"),
                Arrays.stream(ScalePolicy.values()).map(ScalePolicy::label).toList());
    }

    @ParameterizedTest
    @CsvSource({"8, 127, 1, 32767", "16, 32767, 1.5, 8388607"})
    void scalesMapTheClipToTheLargestCode(int bits, double highest, double headroom, double highestWide) {
        Map<String, ValueStatistics> statistics = Map.of("a", of(1, -5), "b", of(8), "silent", of(0, 0));
        Scales scales = new Scales(statistics, ScalePolicy.MIN_MAX, new IntegerFormat(bits));

        assertEquals(5 * headroom / highest, scales.activation("a"), 1e-15);
        assertEquals(headroom / highest, scales.activation("silent"), 1e-15, "always zero still has a scale");
        // The residual stream and the outputs keep as much again as calibration saw.
        assertEquals(16 / highestWide, scales.wide(List.of("a", "b")), 1e-15);
        assertEquals(2 / highestWide, scales.wide(List.of("silent")), 1e-15);
        assertEquals(ScalePolicy.MIN_MAX, scales.policy());
    }

    @Test
    void aValueThatCalibrationDidNotSeeIsNamed() {
        Scales scales = new Scales(Map.of(), ScalePolicy.MSE, new IntegerFormat(8));

        assertEquals(
                "calibration saw no value 'block0.fc1'",
                assertThrows(CompileException.class, () -> scales.activation("block0.fc1"))
                        .getMessage());
        assertThrows(CompileException.class, () -> scales.wide(List.of("block0")));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aValueThatIsNoFiniteNumberIsRefused(float value) {
        Map<String, ValueStatistics> statistics = Map.of("block0.fc1", of(1, value, 2));
        for (ScalePolicy policy : ScalePolicy.values()) {
            Scales scales = new Scales(statistics, policy, new IntegerFormat(16));
            String message = "value 'block0.fc1' is not finite on the calibration images: the model overflows in float;"
                    + " give other images with --calibrate";
            assertEquals(
                    message,
                    assertThrows(CompileException.class, () -> scales.activation("block0.fc1"))
                            .getMessage());
            assertEquals(
                    message,
                    assertThrows(CompileException.class, () -> scales.wide(List.of("block0.fc1")))
                            .getMessage());
        }
    }
}
