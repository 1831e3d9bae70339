package tilewright.edge.language;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Drawn tokens have the probabilities that the settings describe, computed here from their definition. */
class SamplerTest {
    private static final int DRAWS = 20_000;

    /** The probabilities of {@link Sampling}'s contract, by sorting everything. */
    private static double[] probabilities(float[] logits, Sampling sampling) {
        int[] ranks = IntStream.range(0, logits.length)
                .boxed()
                .sorted((a, b) -> logits[a] == logits[b] ? a - b : Float.compare(logits[b], logits[a]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] p = new double[logits.length];
        int kept = sampling.topK() == 0 ? logits.length : Math.min(sampling.topK(), logits.length);
        for (int i = 0; i < kept; i++) {
            p[ranks[i]] = Math.exp((logits[ranks[i]] - (double) logits[ranks[0]]) / sampling.temperature());
        }
        normalise(p);
        double sum = 0;
        double largest = p[ranks[0]];
        for (int i = 0; i < kept; i++) {
            boolean drop = i > 0 && (sum >= sampling.topP() || p[ranks[i]] < sampling.minP() * largest);
            sum += p[ranks[i]];
            p[ranks[i]] = drop ? 0 : p[ranks[i]];
        }
        normalise(p);
        return p;
    }

    private static void normalise(double[] p) {
        double sum = Arrays.stream(p).sum();
        Arrays.setAll(p, i -> p[i] / sum);
    }

    @Property(tries = 40)
    void drawsFollowTheSettingsDistribution(@ForAll long seed) {
        Random random = new Random(seed);
        float[] logits = new float[2 + random.nextInt(60)];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = Math.round(random.nextGaussian() * 12) / 4f;
        }
        Sampling sampling = Sampling.of(0.3 + random.nextDouble() * 2, 7)
                .withLimits(
                        random.nextBoolean() ? 0 : 1 + random.nextInt(20),
                        random.nextBoolean() ? 1 : 0.3 + 0.7 * random.nextDouble(),
                        random.nextBoolean() ? 0 : 0.3 * random.nextDouble());
        double[] expected = probabilities(logits, sampling);
        int[] counts = new int[logits.length];
        Sampler sampler = new Sampler(sampling, logits.length);
        for (int draw = 0; draw < DRAWS; draw++) {
            counts[sampler.next(logits, 0)]++;
        }
        double statistic = 0;
        int cells = 0;
        double restExpected = 0;
        int restCount = 0;
        for (int i = 0; i < counts.length; i++) {
            if (expected[i] == 0) {
                assertEquals(0, counts[i], "token " + i + " was excluded");
            } else if (expected[i] * DRAWS < 10) {
                restExpected += expected[i] * DRAWS;
                restCount += counts[i];
            } else {
                statistic += square(counts[i] - expected[i] * DRAWS) / (expected[i] * DRAWS);
                cells++;
            }
        }
        if (restExpected >= 10) {
            statistic += square(restCount - restExpected) / restExpected;
            cells++;
        }
        // Wilson and Hilferty's approximation of the chi-square quantile, at five standard deviations.
        int freedom = Math.max(1, cells - 1);
        double v = 2.0 / (9 * freedom);
        double limit = freedom * Math.pow(1 - v + 5 * Math.sqrt(v), 3);
        assertTrue(statistic <= limit, statistic + " of " + freedom + " degrees of freedom exceeds " + limit);
    }

    private static double square(double x) {
        return x * x;
    }

    @Example
    void equalSeedsDrawEqualTokensAndTheGeneratorIsSplitMix64() {
        // The first numbers of SplitMix64 from seed 1234567, from its published test vectors.
        long[] vectors = {6457827717110365317L, 3203168211198807973L, -8629252141511181193L};
        float[] logits = new float[1 << 10];
        Sampler sampler = new Sampler(Sampling.of(1, 1234567), logits.length);
        for (long vector : vectors) {
            assertEquals(vector >>> 54, sampler.next(logits, 0));
        }
    }

    @Example
    void penaltiesLowerTokensSeenInTheirWindow() {
        float[] logits = {2, 1.9f, 1.8f, -1};
        Sampling greedy = Sampling.greedy();
        assertEquals(1, after(greedy.withPenalties(1.5, 0, 0, 10), logits, 0));
        assertEquals(2, after(greedy.withPenalties(1.5, 0, 0, 10), logits, 0, 1));
        assertEquals(0, after(greedy.withPenalties(1.5, 0, 0, 1), logits, 0, 1));
        assertEquals(0, after(greedy.withPenalties(1, 0.06, 0, 10), logits, 0));
        assertEquals(1, after(greedy.withPenalties(1, 0.06, 0, 10), logits, 0, 0));
        assertEquals(1, after(greedy.withPenalties(1, 0, 0.11, 10), logits, 0));
        assertEquals(0, after(greedy.withPenalties(1, 0, 0.11, 10), logits, 0, 1, 2));
    }

    private static int after(Sampling sampling, float[] logits, int... seen) {
        Sampler sampler = new Sampler(sampling, logits.length);
        for (int id : seen) {
            sampler.see(id);
        }
        return sampler.next(logits, 0);
    }
}
