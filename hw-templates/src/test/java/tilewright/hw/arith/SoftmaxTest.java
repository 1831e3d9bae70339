package tilewright.hw.arith;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The referee is softmax in float64 on the same scores. */
class SoftmaxTest {
    private static final double ROW_SUM_BOUND = 0x1p-12;

    /** Probabilities as real numbers. */
    private static double[] integer(long[] scores) {
        SoftmaxFormat format = new SoftmaxFormat(scores.length);
        OnlineSoftmax softmax = new OnlineSoftmax(format);
        for (long score : scores) {
            softmax.add(score);
        }
        softmax.finish();
        return Arrays.stream(scores)
                .mapToDouble(score -> Math.scalb((double) softmax.probability(score), -format.probabilityBits()))
                .toArray();
    }

    private static double[] exact(long[] scores) {
        long largest = Arrays.stream(scores).max().orElseThrow();
        double[] powers = Arrays.stream(scores)
                .mapToDouble(
                        score -> Math.pow(2, Math.scalb((double) (score - largest), -SoftmaxFormat.SCORE_FRACTION)))
                .toArray();
        double sum = Arrays.stream(powers).sum();
        return Arrays.stream(powers).map(power -> power / sum).toArray();
    }

    private static void check(long[] scores) {
        double[] found = integer(scores);
        double[] expected = exact(scores);
        assertEquals(1, Arrays.stream(found).sum(), ROW_SUM_BOUND, "row sum");
        for (int i = 0; i < found.length; i++) {
            assertEquals(expected[i], found[i], 4e-6 * expected[i] + 0x1p-13 / scores.length, "element " + i);
        }
    }

    private static long score(double log2) {
        return FixedPoint.saturate(
                Math.round(Math.scalb(log2, SoftmaxFormat.SCORE_FRACTION)), SoftmaxFormat.SCORE_BITS);
    }

    @Test
    void aThousandEqualScoresSumToOne() {
        for (double level : new double[] {0, 0.3, -5e6, 5e6, 0.999}) {
            for (int length : new int[] {1, 2, 3, 50, 129, 197, 511, 512, 513, 1000, 1023, 1024}) {
                long[] scores = new long[length];
                Arrays.fill(scores, score(level));
                check(scores);
            }
        }
    }

    @Test
    void aSpreadOfAMillionNeverWraps() {
        long[] ascending = new long[1024];
        for (int i = 0; i < ascending.length; i++) {
            ascending[i] = score(-1e6 + 2e6 * i / 1023);
        }
        check(ascending);
        long[] descending = new long[1024];
        for (int i = 0; i < descending.length; i++) {
            descending[i] = ascending[1023 - i];
        }
        check(descending);
        check(new long[] {FixedPoint.highest(40), -FixedPoint.highest(40) - 1, 0});
    }

    @Test
    void slowlyRisingScoresRescaleWithoutDrift() {
        long[] scores = new long[1024];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = score(i * 0.05);
        }
        check(scores);
        for (int i = 0; i < scores.length; i++) {
            scores[i] = (long) i << SoftmaxFormat.SCORE_FRACTION;
        }
        check(scores);
    }

    @Test
    void theMantissaTableIsMonotoneAndAccurate() {
        Exp2Table table = new Exp2Table(new SoftmaxFormat(1024));
        long before = 0;
        for (int f = 0; f < 1 << SoftmaxFormat.SCORE_FRACTION; f++) {
            long mantissa = table.mantissa(f);
            assertTrue(mantissa >= before, "falls at " + f);
            assertEquals(Math.pow(2, Math.scalb((double) f, -16)), Math.scalb((double) mantissa, -24), 2.1e-6);
            before = mantissa;
        }
    }

    @Provide
    Arbitrary<long[]> rows() {
        Arbitrary<Long> wild = Arbitraries.longs().between(-(1L << 39), (1L << 39) - 1);
        Arbitrary<Long> near = Arbitraries.longs().between(-(1L << 20), 1L << 20);
        Arbitrary<Long> close = Arbitraries.longs().between(-300, 300);
        return Arbitraries.oneOf(wild, near, close)
                .array(long[].class)
                .ofMinSize(1)
                .ofMaxSize(1024);
    }

    @Property(tries = 2_000)
    void anyRowSumsToOneAndEqualsSoftmax(@ForAll("rows") long[] scores) {
        check(scores);
    }
}
