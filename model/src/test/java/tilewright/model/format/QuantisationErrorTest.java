package tilewright.model.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tilewright.model.tensor.DType;

/** How far encoded values are from the original ones. */
class QuantisationErrorTest {
    /** The data of GGUF's own test of its quantisers. */
    private static float[] cosine(double offset) {
        float[] values = new float[32 * 128];
        for (int i = 0; i < values.length; i++) {
            values[i] = 0.1f + 2 * (float) Math.cos(i + offset);
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

    private static byte[] encoded(DType format, float[] values) {
        byte[] bytes = new byte[(int) format.bytesFor(values.length)];
        format.codec().encode(values, 0, values.length, MemorySegment.ofArray(bytes), 0);
        return bytes;
    }

    private static float[] decoded(DType format, byte[] bytes) {
        float[] values = new float[bytes.length / format.blockBytes() * format.blockElements()];
        format.codec().decode(MemorySegment.ofArray(bytes), 0, values, 0, values.length);
        return values;
    }

    private static double squaredError(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
        }
        return sum;
    }

    /** Bounds of test-quantize-fns: the root of the summed squared error by the number of elements. */
    @ParameterizedTest
    @CsvSource({
        "Q4_0,0.002",
        "Q4_1,0.002",
        "Q5_0,0.002",
        "Q5_1,0.002",
        "Q8_0,0.002",
        "Q2_K,0.0075",
        "Q3_K,0.004",
        "Q4_K,0.002",
        "Q5_K,0.002",
        "Q6_K,0.002",
        "IQ4_NL,0.002",
        "IQ4_XS,0.002",
        "MXFP4,0.003"
    })
    void theErrorIsWithinTheBoundsOfTheReferencesOwnTest(DType format, double bound) {
        float[] values = cosine(0);

        double error = Math.sqrt(squaredError(values, decoded(format, encoded(format, values)))) / values.length;

        assertTrue(error < bound, () -> format + ": " + error);
    }

    /** The same test's bounds of a dot product by the number of elements; activations are exact here. */
    @ParameterizedTest
    @CsvSource({
        "Q4_0,0.02",
        "Q4_1,0.02",
        "Q5_0,0.02",
        "Q5_1,0.02",
        "Q8_0,0.02",
        "Q2_K,0.04",
        "Q3_K,0.04",
        "Q4_K,0.02",
        "Q5_K,0.02",
        "Q6_K,0.02",
        "IQ4_NL,0.02",
        "IQ4_XS,0.02",
        "MXFP4,0.02"
    })
    void dotProductsAreWithinTheBoundsOfTheReferencesOwnTest(DType format, double bound) {
        float[] values = cosine(0);
        float[] others = cosine(1);
        float[] back = decoded(format, encoded(format, values));
        double error = 0;
        for (int i = 0; i < values.length; i++) {
            error += ((double) back[i] - values[i]) * others[i];
        }

        double perElement = Math.abs(error) / values.length;
        assertTrue(perElement < bound, () -> format + ": " + perElement);
    }

    /**
     * Normal numbers, error by their standard deviation. The bound is that of uniform codes over the range of a group (for
     * 32 numbers about +-2.1, for 16 about +-1.8): step / sqrt(12), plus a fifth for rounded scales.
     */
    @ParameterizedTest
    @CsvSource({
        "Q4_0,0.097",
        "Q4_1,0.097",
        "Q5_0,0.047",
        "Q5_1,0.047",
        "Q8_0,0.0059",
        "Q2_K,0.41",
        "Q3_K,0.18",
        "Q4_K,0.097",
        "Q5_K,0.047",
        "Q6_K,0.020",
        "IQ4_NL,0.097",
        "IQ4_XS,0.097",
        "MXFP4,0.14"
    })
    void normalNumbersAreAsNearAsTheBitsAllow(DType format, double bound) {
        float[] values = normal(256 * 64, 5);

        double error = Math.sqrt(squaredError(values, decoded(format, encoded(format, values))) / values.length);

        assertTrue(error < bound, () -> format + ": " + error);
    }

    @ParameterizedTest
    @EnumSource(
            names = {
                "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS",
                "MXFP4"
            })
    void zerosTinyAndHugeValuesSurvive(DType format) {
        int count = format.blockElements();
        for (float magnitude : new float[] {0, Float.MIN_VALUE, 1e-30f, 1e-7f, 1, 1e4f}) {
            float[] values = normal(count, 6);
            double norm = 0;
            for (int i = 0; i < count; i++) {
                values[i] *= magnitude;
                norm += (double) values[i] * values[i];
            }
            float[] back = decoded(format, encoded(format, values));
            double error = Math.sqrt(squaredError(values, back));
            boolean belowBinary16 = magnitude < 1e-6f;
            double bound = belowBinary16 ? Math.sqrt(norm) + 1e-5 : 0.5 * Math.sqrt(norm);
            assertTrue(error <= bound, () -> format + " at " + magnitude + ": " + error);
        }
    }

    /** Where a block's scales stand: the other bytes are codes, and random ones reach every value of every group. */
    @ParameterizedTest
    @CsvSource({
        "Q4_0,0,2,0,0",
        "Q4_1,0,4,0,0",
        "Q5_0,0,2,0,0",
        "Q5_1,0,4,0,0",
        "Q8_0,0,2,0,0",
        "Q2_K,0,16,80,84",
        "Q3_K,96,110,0,0",
        "Q4_K,0,16,0,0",
        "Q5_K,0,16,0,0",
        "Q6_K,192,210,0,0",
        "IQ4_NL,0,2,0,0",
        "IQ4_XS,0,8,0,0",
        "MXFP4,0,1,0,0"
    })
    void theErrorBoundIsHalfOfTheWidestGapBetweenValues(DType format, int from, int to, int secondFrom, int secondTo) {
        Random random = new Random(7);
        int size = format.blockBytes();
        byte[] block = encoded(format, normal(format.blockElements(), 8));
        byte[] filled = new byte[size * 20_000];
        for (int i = 0; i < filled.length; i++) {
            int at = i % size;
            boolean scale = at >= from && at < to || at >= secondFrom && at < secondTo;
            filled[i] = scale ? block[at] : (byte) random.nextInt(256);
        }
        float[] values = decoded(format, filled);
        double widest = 0;
        for (int element = 0; element < format.blockElements(); element++) {
            TreeSet<Float> reached = new TreeSet<>();
            for (int i = element; i < values.length; i += format.blockElements()) {
                reached.add(values[i] + 0f);
            }
            Float before = null;
            for (float value : reached) {
                widest = before == null ? widest : Math.max(widest, (double) value - before);
                before = value;
            }
        }

        double bound = format.codec().maxError(MemorySegment.ofArray(filled), size);

        assertEquals(widest / 2, bound, 1e-5 * bound);
    }
}
