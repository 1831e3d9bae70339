package tilewright.hw.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tilewright.hw.arith.OnlineSoftmax;
import tilewright.hw.arith.Requantizer;
import tilewright.hw.arith.SoftmaxFormat;

/** The bound on attention's sums, against the largest sums that inputs can make. */
class AttentionBoundTest {
    private static Step.Attention attention(int tokens, int size, int bits) {
        Buffer qkv = new Buffer("qkv", tokens, 3, size, bits, 1);
        Buffer out = new Buffer("out", tokens, 1, size, bits, 1);
        return new Step.Attention("attention", "block0", qkv, 1, Requantizer.of(1), Requantizer.of(1), out);
    }

    @Test
    void scoresOfExtremeCodesReachTheBoundAndNoMore() {
        // 512 products of -32768 and -32768 are 2^39: one bit more, and the sign.
        assertEquals(41, attention(2, 512, 16).accumulatorBits(new SoftmaxFormat(2)));
        assertEquals(32, attention(2, 1 << 16, 8).accumulatorBits(new SoftmaxFormat(2)));
    }

    @Test
    void probabilitiesOfAnyRowStayBelowTheBoundOfTheContext() {
        SplittableRandom random = new SplittableRandom(11);
        for (int row = 0; row < 400; row++) {
            int tokens = random.nextInt(1, 1025);
            SoftmaxFormat format = new SoftmaxFormat(tokens);
            OnlineSoftmax softmax = new OnlineSoftmax(format);
            long[] scores = random.longs(tokens, 0, 1L << random.nextInt(1, 24)).toArray();
            for (long score : scores) {
                softmax.add(score);
            }
            softmax.finish();
            long sum = 0;
            for (long score : scores) {
                sum += softmax.probability(score);
            }
            long context = sum << 7;
            int bits = attention(tokens, 1, 8).accumulatorBits(format);
            assertTrue(context < 1L << (bits - 1), tokens + " tokens sum to " + sum);
            assertTrue(bits <= 32, tokens + " tokens need " + bits + " bits");
        }
    }

    @Test
    void headsThatCouldOverflowAreRefused() {
        assertEquals(
                "attention: the accumulator of attention needs 33 bits, the design has 32; use smaller heads or 16-bit"
                        + " arithmetic",
                assertThrows(
                                ArithmeticException.class,
                                () -> attention(2, 1 << 17, 8).requireAccumulator(new SoftmaxFormat(2), 32))
                        .getMessage());
    }
}
