package tilewright.model.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

/** All 65 536 codes of the 16-bit float types against the definition of the formats in arithmetic. */
class TensorDecoderTest {
    private static float[] decodeAllCodes(DType dtype) {
        ByteBuffer codes = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int code = 0; code < 1 << 16; code++) {
            codes.putShort((short) code);
        }
        return TensorDecoder.floats(dtype, MemorySegment.ofArray(codes.array()), 1 << 16);
    }

    /** The value of a code with the given field widths, from the definition of IEEE 754 section 3.4. */
    private static double value(int code, int exponentBits, int fractionBits) {
        int bias = (1 << exponentBits - 1) - 1;
        int exponent = code >> fractionBits & (1 << exponentBits) - 1;
        int fraction = code & (1 << fractionBits) - 1;
        double sign = (code & 0x8000) == 0 ? 1 : -1;
        if (exponent == (1 << exponentBits) - 1) {
            return fraction == 0 ? sign / 0.0 : Double.NaN;
        }
        double significand = exponent == 0 ? fraction : fraction + (1 << fractionBits);
        return sign * significand * Math.pow(2, Math.max(exponent, 1) - bias - fractionBits);
    }

    private static int bfloat16(float value) {
        byte[] bytes = new byte[2];
        DType.BF16.codec().encode(new float[] {value}, 0, 1, MemorySegment.ofArray(bytes), 0);
        return bytes[0] & 0xff | (bytes[1] & 0xff) << 8;
    }

    @Test
    void everyBinary16CodeHasItsValue() {
        float[] decoded = decodeAllCodes(DType.F16);
        for (int code = 0; code < 1 << 16; code++) {
            assertEquals(value(code, 5, 10), decoded[code], 0, "code " + code);
            assertEquals(Float.float16ToFloat((short) code), decoded[code], 0, "code " + code);
        }
    }

    @Test
    void everyBfloat16CodeHasItsValue() {
        float[] decoded = decodeAllCodes(DType.BF16);
        for (int code = 0; code < 1 << 16; code++) {
            assertEquals(value(code, 8, 7), decoded[code], 0, "code " + code);
        }
    }

    @Test
    void roundingToBfloat16TakesTheNearestCodeAndTheEvenOneOfTwo() {
        for (int code = 0; code < 0x7f7f; code++) {
            double here = value(code, 8, 7);
            double next = value(code + 1, 8, 7);
            float middle = (float) ((here + next) / 2);
            int even = code % 2 == 0 ? code : code + 1;
            assertEquals(code, bfloat16((float) here), "code " + code);
            assertEquals(even, bfloat16(middle), "between " + code + " and the next");
            assertEquals(code, bfloat16(Math.nextDown(middle)), "below the middle");
            assertEquals(code + 1, bfloat16(Math.nextUp(middle)), "above the middle");
            assertEquals(even | 0x8000, bfloat16(-middle), "negative");
        }
        assertEquals(0x7f80, bfloat16(Float.MAX_VALUE));
        assertTrue(Double.isNaN(value(bfloat16(Float.intBitsToFloat(0x7f800001)), 8, 7)));
    }
}
