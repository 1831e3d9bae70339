package tilewright.model.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tilewright.model.tensor.DType;

/** The formats of one element, against their definitions. */
class SmallFloatsTest {
    private static float decode(DType format, int code) {
        byte[] bytes = {(byte) code, (byte) (code >>> 8), 0, 0};
        float[] value = new float[1];
        format.codec().decode(MemorySegment.ofArray(bytes), 0, value, 0, 1);
        return value[0];
    }

    private static int encode(DType format, float value) {
        byte[] bytes = new byte[4];
        format.codec().encode(new float[] {value}, 0, 1, MemorySegment.ofArray(bytes), 0);
        return bytes[0] & 0xff | (bytes[1] & 0xff) << 8;
    }

    /** OFP8 section 5: S.1111.111 is the only NaN of E4M3; S.11111.00 is infinity and S.11111.{01,10,11} NaN in E5M2. */
    private static double defined(int code, int exponentBits) {
        int fractionBits = 7 - exponentBits;
        int bias = (1 << exponentBits - 1) - 1;
        int exponent = code >>> fractionBits & (1 << exponentBits) - 1;
        int fraction = code & (1 << fractionBits) - 1;
        double sign = code < 128 ? 1 : -1;
        if (exponentBits == 4 && (code & 0x7f) == 0x7f || exponentBits == 5 && exponent == 31 && fraction > 0) {
            return Double.NaN;
        }
        if (exponentBits == 5 && exponent == 31) {
            return sign / 0.0;
        }
        return exponent == 0
                ? sign * fraction * Math.pow(2, 1 - bias - fractionBits)
                : sign * (1 + fraction * Math.pow(2, -fractionBits)) * Math.pow(2, exponent - bias);
    }

    @ParameterizedTest
    @CsvSource({"F8_E4M3,4,448", "F8_E5M2,5,57344"})
    void everyCodeHasItsValueAndEncodesBack(DType format, int exponentBits, float largest) {
        float most = 0;
        for (int code = 0; code < 256; code++) {
            float value = decode(format, code);
            assertEquals(defined(code, exponentBits), value, 0, "code " + code);
            if (!Float.isNaN(value)) {
                assertEquals(code, encode(format, value), "code " + code);
            }
            most = Float.isFinite(value) ? Math.max(most, value) : most;
        }
        assertEquals(largest, most);
    }

    @ParameterizedTest
    @CsvSource({"F8_E4M3,126", "F8_E5M2,123"})
    void valuesBetweenTwoCodesBecomeTheNearerAndTheEvenOneInTheMiddle(DType format, int last) {
        for (int code = 0; code < last; code++) {
            float here = decode(format, code);
            float next = decode(format, code + 1);
            float middle = (here + next) / 2;
            int even = code % 2 == 0 ? code : code + 1;
            assertEquals(even, encode(format, middle));
            assertEquals(even | 0x80, encode(format, -middle));
            assertEquals(code, encode(format, Math.nextDown(middle)));
            assertEquals(code + 1, encode(format, Math.nextUp(middle)));
        }
    }

    @Test
    void valuesBeyondTheLargestBecomeTheLargest() {
        assertEquals(0x7e, encode(DType.F8_E4M3, 449));
        assertEquals(0xfe, encode(DType.F8_E4M3, -Float.MAX_VALUE));
        assertEquals(0x7b, encode(DType.F8_E5M2, 1e9f));
    }

    @Test
    void infinityStaysInfinityWhereThereIsOneAndIsNotANumberElsewhere() {
        assertEquals(0x7c, encode(DType.F8_E5M2, Float.POSITIVE_INFINITY));
        assertEquals(0xfc, encode(DType.F8_E5M2, Float.NEGATIVE_INFINITY));
        assertTrue(Float.isNaN(decode(DType.F8_E4M3, encode(DType.F8_E4M3, Float.POSITIVE_INFINITY))));
        assertTrue(Float.isNaN(decode(DType.F8_E4M3, encode(DType.F8_E4M3, Float.NaN))));
        assertTrue(Float.isNaN(decode(DType.F8_E5M2, encode(DType.F8_E5M2, Float.NaN))));
    }

    @Test
    void scaleCodesArePowersOfTwo() {
        for (int code = 0; code < 255; code++) {
            double power = Math.pow(2, code - 127);
            assertEquals(power, decode(DType.F8_E8M0, code), 0);
            assertEquals(code, encode(DType.F8_E8M0, (float) power));
            assertEquals(code, encode(DType.F8_E8M0, (float) (1.49 * power)));
            if (code < 254) {
                assertEquals(code + 1, encode(DType.F8_E8M0, (float) (1.5 * power)));
            }
        }
        assertTrue(Float.isNaN(decode(DType.F8_E8M0, 255)));
        assertEquals(255, encode(DType.F8_E8M0, Float.NaN));
        assertEquals(0, encode(DType.F8_E8M0, 0));
        assertEquals(0, encode(DType.F8_E8M0, -4));
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16", "F8_E4M3", "F8_E5M2"})
    void theErrorBoundIsHalfOfTheGapToTheNextValue(DType format) {
        for (int code = 0; code < (format.bytes() == 1 ? 0x7b : 0x7b00); code++) {
            double gap = (double) decode(format, code + 1) - decode(format, code);
            byte[] bytes = {(byte) code, (byte) (code >>> 8)};
            assertEquals(gap / 2, format.codec().maxError(MemorySegment.ofArray(bytes), 0), 0, "code " + code);
        }
    }

    @Test
    void countsThatSplitABlockAreRefused() {
        Exception e = assertThrows(
                IllegalArgumentException.class,
                () -> DType.Q4_0.codec().decode(MemorySegment.ofArray(new byte[36]), 0, new float[64], 0, 33));

        assertEquals("33 elements, expected a multiple of 32", e.getMessage());
    }

    @Test
    void bytesThatEndBeforeTheBlocksAreRefused() {
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> DType.Q4_0.codec().decode(MemorySegment.ofArray(new byte[35]), 0, new float[64], 0, 64));
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> DType.Q8_0.codec().encode(new float[64], 40, 32, MemorySegment.ofArray(new byte[35]), 0));
    }
}
