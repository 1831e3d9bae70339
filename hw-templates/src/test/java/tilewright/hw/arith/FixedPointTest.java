package tilewright.hw.arith;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** The referee is {@link BigDecimal}'s half-even rounding. */
class FixedPointTest {
    private static BigInteger exact(BigInteger value, int shift) {
        return new BigDecimal(value)
                .divide(new BigDecimal(BigInteger.ONE.shiftLeft(shift)))
                .setScale(0, RoundingMode.HALF_EVEN)
                .toBigInteger();
    }

    private static long limited(BigInteger value, int bits) {
        BigInteger bound = BigInteger.ONE.shiftLeft(bits - 1);
        return value.max(bound.negate()).min(bound.subtract(BigInteger.ONE)).longValueExact();
    }

    @Property
    void shiftsRoundToNearestEven(@ForAll long value, @ForAll @IntRange(max = 63) int shift) {
        assertEquals(exact(BigInteger.valueOf(value), shift).longValueExact(), FixedPoint.shiftHalfEven(value, shift));
    }

    @Test
    void everyTieOfSixteenBitsGoesToTheEvenNeighbour() {
        for (int shift = 1; shift <= 8; shift++) {
            for (int value = Short.MIN_VALUE; value <= Short.MAX_VALUE; value++) {
                assertEquals((long) Math.rint(value / (double) (1 << shift)), FixedPoint.shiftHalfEven(value, shift));
            }
        }
    }

    @Property
    void saturationKeepsTheNearestRepresentable(@ForAll long value, @ForAll @IntRange(min = 2, max = 63) int bits) {
        assertEquals(limited(BigInteger.valueOf(value), bits), FixedPoint.saturate(value, bits));
    }

    @Property(tries = 20_000)
    void requantisationEqualsExactArithmetic(
            @ForAll @LongRange(min = -(1L << 47), max = (1L << 47) - 1) long value,
            @ForAll @IntRange(min = 1 << 30) int multiplier,
            @ForAll @IntRange(max = Requantizer.MAX_SHIFT) int shift,
            @ForAll @IntRange(min = 2, max = Requantizer.MAX_RESULT_BITS) int bits) {
        BigInteger product = BigInteger.valueOf(value).multiply(BigInteger.valueOf(multiplier));
        assertEquals(limited(exact(product, shift), bits), new Requantizer(multiplier, shift).apply(value, bits));
    }

    @Property
    void requantisationTiesGoToEvenAtEveryShift(
            @ForAll @IntRange(min = -(1 << 15), max = 1 << 15) int odd,
            @ForAll @IntRange(min = 31, max = 62) int shift) {
        long value = (2L * odd + 1) << (shift - 31);
        if (Math.abs(value) < 1L << 47) {
            BigInteger product = BigInteger.valueOf(value).shiftLeft(30);
            assertEquals(limited(exact(product, shift), 32), new Requantizer(1 << 30, shift).apply(value, 32));
        }
    }

    @Property
    void aFactorIsKeptToThirtyOneBits(@ForAll @LongRange(min = 1, max = Long.MAX_VALUE) long numerator) {
        double factor = Math.scalb((double) numerator, -60);
        assertEquals(factor, Requantizer.of(factor).factor(), factor * 0x1p-31);
    }
}
