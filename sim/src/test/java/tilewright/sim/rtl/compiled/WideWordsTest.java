package tilewright.sim.rtl.compiled;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import tilewright.sim.rtl.Words;

/** Against {@link BigInteger}, with words that make carries and borrows run on. */
class WideWordsTest {
    private static final int A = 0;
    private static final int B = 10;
    private static final int TO = 20;
    private static final int TRIALS = 400;

    private final long[] v = new long[40];
    private Random random;
    private String seed;

    @BeforeEach
    void seed(RepetitionInfo repetition) {
        seed = "seed " + repetition.getCurrentRepetition();
        random = new Random(repetition.getCurrentRepetition());
    }

    private static BigInteger wrapped(BigInteger value, int width, boolean signed) {
        BigInteger low = value.mod(BigInteger.ONE.shiftLeft(width));
        return signed && low.testBit(width - 1) ? low.subtract(BigInteger.ONE.shiftLeft(width)) : low;
    }

    /** Lays a number of a width into words and gives it. */
    private BigInteger operand(int at, int width, boolean signed) {
        BigInteger bits = BigInteger.ZERO;
        for (int i = 0; i < width; i += 64) {
            long word = switch (random.nextInt(6)) {
                case 0 -> 0;
                case 1 -> -1;
                case 2 -> 1;
                case 3 -> Long.MIN_VALUE;
                default -> random.nextLong();
            };
            bits = bits.or(new BigInteger(Long.toUnsignedString(word)).shiftLeft(i));
        }
        BigInteger value = wrapped(bits, width, signed);
        put(at, value, width);
        return value;
    }

    private void put(int at, BigInteger value, int width) {
        long[] words = Words.of(value, Slots.words(width));
        System.arraycopy(words, 0, v, at, words.length);
    }

    private BigInteger result(int width, boolean signed) {
        long[] words = new long[Slots.words(width)];
        System.arraycopy(v, TO, words, 0, words.length);
        return Words.number(words, signed);
    }

    @RepeatedTest(5)
    void sumsDifferencesProductsAndComparisonsAreExact() {
        for (int trial = 0; trial < TRIALS; trial++) {
            int width = 65 + random.nextInt(200);
            int words = Slots.words(width);
            boolean signed = random.nextBoolean();
            int flag = signed ? 1 : 0;
            BigInteger a = operand(A, width, signed);
            BigInteger b = operand(B, width, signed);
            if (random.nextInt(4) == 0) {
                // Equal but for one bit, so that only low words tell.
                b = wrapped(a.flipBit(random.nextInt(width)), width, signed);
                put(B, b, width);
            }
            String what = seed + ", " + a + " and " + b + " of " + width;
            WideWords.add(v, TO, A, B, words);
            WideWords.fit(v, TO, width, flag);
            assertEquals(wrapped(a.add(b), width, signed), result(width, signed), what);
            WideWords.subtract(v, TO, A, B, words);
            WideWords.fit(v, TO, width, flag);
            assertEquals(wrapped(a.subtract(b), width, signed), result(width, signed), what);
            WideWords.less(v, TO, A, B, words, flag);
            assertEquals(a.compareTo(b) < 0 ? 1 : 0, v[TO], what);
            WideWords.equal(v, TO, A, B, words);
            assertEquals(a.equals(b) ? 1 : 0, v[TO], what);
            WideWords.equal(v, TO, A, A, words);
            assertEquals(1, v[TO], what);
            WideWords.multiply(v, TO, Slots.words(2 * width), A, words, B, words, flag);
            assertEquals(a.multiply(b), result(2 * width, signed), what);
        }
    }

    @RepeatedTest(5)
    void productsOfUnequalWidthsAreExact() {
        for (int trial = 0; trial < TRIALS; trial++) {
            int left = 1 + random.nextInt(200);
            int right = 1 + random.nextInt(200);
            boolean signed = random.nextBoolean();
            BigInteger a = operand(A, left, signed);
            BigInteger b = operand(B, right, signed);
            int width = left + right;
            WideWords.multiply(v, TO, Slots.words(width), A, Slots.words(left), B, Slots.words(right), signed ? 1 : 0);
            assertEquals(a.multiply(b), result(width, signed), seed + ", " + a + " times " + b);
        }
    }

    @RepeatedTest(5)
    void shiftsSlicesAndReductionsAreExact() {
        for (int trial = 0; trial < TRIALS; trial++) {
            int width = 65 + random.nextInt(200);
            int words = Slots.words(width);
            boolean signed = random.nextBoolean();
            BigInteger a = operand(A, width, signed);
            BigInteger bits = wrapped(a, width, false);
            int count = random.nextInt(8) == 0 ? 1 << 20 : random.nextInt(width + 70);
            String what = seed + ", " + a + " of " + width + " by " + count;
            WideWords.wideShiftLeft(v, TO, A, words, count);
            WideWords.fit(v, TO, width, signed ? 1 : 0);
            assertEquals(
                    wrapped(count > 300 ? BigInteger.ZERO : a.shiftLeft(count), width, signed),
                    result(width, signed),
                    what);
            WideWords.wideShiftRight(v, TO, A, words, count, signed ? 1 : 0);
            assertEquals(a.shiftRight(count), result(width, signed), what);
            WideWords.wideShiftRight(v, TO, A, words, -1, signed ? 1 : 0); // an amount of 64 bits
            assertEquals(a.shiftRight(1000), result(width, signed), what);
            int low = random.nextInt(width);
            int part = 1 + random.nextInt(width - low);
            WideWords.slice(v, TO, part, A, words, low);
            assertEquals(wrapped(bits.shiftRight(low), part, false), result(part, false), what + ", bits from " + low);
            WideWords.all(v, TO, A, width);
            assertEquals(bits.bitCount() == width ? 1 : 0, v[TO], what);
            WideWords.any(v, TO, A, words);
            assertEquals(bits.signum(), v[TO], what);
            WideWords.parity(v, TO, A, width);
            assertEquals(bits.bitCount() & 1, v[TO], what);
            if (!signed) {
                WideWords.clamp(v, TO, A, words);
                assertEquals(a.min(BigInteger.valueOf(Long.MAX_VALUE)).longValueExact(), v[TO], what);
            }
        }
    }

    @RepeatedTest(5)
    void partsAreLaidSideBySide() {
        for (int trial = 0; trial < TRIALS; trial++) {
            int width = 65 + random.nextInt(120);
            int low = random.nextInt(100);
            BigInteger a = operand(A, width, random.nextBoolean());
            int small = 1 + random.nextInt(64);
            long b = random.nextLong() << 64 - small >> 64 - small;
            WideWords.clear(v, TO, 10);
            WideWords.put(v, TO, low, small, b);
            WideWords.putWide(v, TO, low + small, A, width);
            BigInteger expected = wrapped(BigInteger.valueOf(b), small, false)
                    .shiftLeft(low)
                    .or(wrapped(a, width, false).shiftLeft(low + small));
            assertEquals(expected, result(low + small + width, false), seed);
        }
    }

    @RepeatedTest(5)
    void onlyTheLanesOfTheMaskAreStored() {
        for (int trial = 0; trial < TRIALS; trial++) {
            int laneWidth = 1 + random.nextInt(40);
            int lanes = 1 + random.nextInt(9);
            int width = laneWidth * lanes;
            int words = Slots.words(width);
            long[] memory = new long[3 * words];
            BigInteger before = new BigInteger(width, random);
            System.arraycopy(Words.of(before, words), 0, memory, words, words);
            BigInteger data = operand(A, width, false);
            BigInteger mask = new BigInteger(lanes, random);
            put(B, mask, lanes);
            WideWords.storeLanes(v, A, words, memory, 1, B, lanes, laneWidth);
            WideWords.storeLanes(v, A, words, memory, 3, B, lanes, laneWidth); // past the end: nothing
            BigInteger expected = before;
            for (int bit = 0; bit < width; bit++) {
                if (mask.testBit(bit / laneWidth)) {
                    expected = data.testBit(bit) ? expected.setBit(bit) : expected.clearBit(bit);
                }
            }
            WideWords.load(v, TO, words, memory, 1);
            assertEquals(expected, result(width, false), seed);
            WideWords.load(v, TO, words, memory, 3);
            assertEquals(BigInteger.ZERO, result(width, false), seed);
        }
    }
}
