package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.model.store.LayerSensitivity;

/** What a tolerance allows, against enumeration. */
class AdaptationTest {
    private static final int LAYERS = 5;
    private static final int EXPERTS = 12;

    /** Records of nothing, whose sensitivities are known. */
    private record Known(List<LayerSensitivity> sensitivities, int levelsOfAll) implements ExpertRecords {
        @Override
        public int layers() {
            return LAYERS;
        }

        @Override
        public int experts(int layer) {
            return EXPERTS;
        }

        @Override
        public int levels(int layer, int expert) {
            return levelsOfAll;
        }

        @Override
        public List<Extent> extents(int layer, int expert, int have, int level) {
            return List.of();
        }

        @Override
        public long slotBytes(int layer, int expert) {
            return 0;
        }

        @Override
        public long packedBytes(int layer, int expert) {
            return 0;
        }

        @Override
        public ExpertWeights.Expert open(int layer, int expert, int level, MemorySegment slot, MemorySegment packed) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String digest() {
            return "";
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private static List<LayerSensitivity> sensitivities(Random random) {
        List<LayerSensitivity> layers = new ArrayList<>();
        for (int layer = 0; layer < LAYERS; layer++) {
            List<Double> shares = new ArrayList<>();
            for (int range = 0; range < 64; range++) {
                shares.add(
                        range < 20 || random.nextInt(3) == 0
                                ? 0
                                : random.nextDouble() * Math.pow(2, (range - 64) / 2.0));
            }
            List<Double> losses = new ArrayList<>();
            List<Double> frequencies = new ArrayList<>();
            for (int expert = 0; expert < EXPERTS; expert++) {
                frequencies.add(random.nextInt(6) == 0 ? 0 : random.nextDouble());
                losses.add(frequencies.getLast() * random.nextDouble() * 1e-3);
            }
            layers.add(new LayerSensitivity(
                    random.nextInt(8) == 0 ? 0 : 0.2 + random.nextDouble(), shares, losses, frequencies));
        }
        return layers;
    }

    private static int[] perToken(Random random) {
        return random.ints(LAYERS, 2, 5).toArray();
    }

    /** The loss when each use of a share in a range that begins below sqrt(theta / s) is left out, and the mean share stays. */
    private static double loss(List<LayerSensitivity> layers, int[] perToken, double theta) {
        double sum = 0;
        for (int layer = 0; layer < LAYERS; layer++) {
            double s = layers.get(layer).sensitivity();
            for (int range = 0; range < 64 && s > 0; range++) {
                double begin = range == 0 ? 0 : Math.exp((range - 64) * Math.log(2) / 4);
                if (s * begin * begin < theta * (1 - 1e-6) && begin < (1 - 1e-6) / perToken[layer]) {
                    sum += s * layers.get(layer).squaredShares().get(range);
                }
            }
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void expertsAreLeftOutBelowTheShareThatTheLargestThetaWithinHalfOfTheToleranceGives(long seed) {
        Random random = new Random(seed);
        List<LayerSensitivity> layers = sensitivities(random);
        int[] perToken = perToken(random);
        double tolerance = Math.pow(10, -4 + 4 * random.nextDouble());
        Adaptation adaptation = Adaptation.within(new Known(layers, 2), perToken, tolerance);
        // Enumerates many thetas and keeps the largest one.
        double best = 0;
        for (int step = 0; step < 400_000; step++) {
            double theta = 1e-9 * Math.exp(step * 5.5e-5);
            best = loss(layers, perToken, theta) <= tolerance / 2 ? theta : best;
        }
        for (int layer = 0; layer < LAYERS; layer++) {
            double s = layers.get(layer).sensitivity();
            double expected = s == 0 ? 0 : Math.min(Math.sqrt(best / s), 1.0 / perToken[layer]);
            assertEquals(expected, adaptation.threshold(layer), 1e-3 * expected, "seed " + seed + ", layer " + layer);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void lowerWidthsAreThoseOfTheCheapestUsesAndStayWithinHalfOfTheTolerance(long seed) {
        Random random = new Random(seed);
        List<LayerSensitivity> layers = sensitivities(random);
        double tolerance = Math.pow(10, -4 + 2.5 * random.nextDouble());
        Adaptation adaptation = Adaptation.within(new Known(layers, 2), perToken(random), tolerance);
        double sum = 0;
        double dearest = 0;
        double cheapest = Double.MAX_VALUE;
        double next = 0;
        for (int layer = 0; layer < LAYERS; layer++) {
            for (int expert = 0; expert < EXPERTS; expert++) {
                double loss = layers.get(layer).lowerLosses().get(expert);
                double perUse =
                        loss == 0 ? 0 : loss / layers.get(layer).frequencies().get(expert);
                if (adaptation.mayBeLower(layer, expert)) {
                    sum += loss;
                    dearest = Math.max(dearest, perUse);
                } else if (perUse < cheapest) {
                    cheapest = perUse;
                    next = loss;
                }
            }
        }
        assertTrue(sum <= tolerance / 2, "seed " + seed);
        assertTrue(dearest <= cheapest, "seed " + seed);
        assertTrue(cheapest == Double.MAX_VALUE || sum + next > tolerance / 2, "seed " + seed);
        Adaptation only = adaptation.onlyLowerWidths();
        assertEquals(sum, only.mostLoss(), 1e-12);
        assertEquals(0, only.threshold(0));
        assertFalse(adaptation.onlyLeavingOut().mayBeLower(0, 0));
    }

    @Test
    void withoutLowerWidthsTheWholeToleranceGoesToLeavingOut() {
        List<LayerSensitivity> layers = sensitivities(new Random(11));
        int[] perToken = {2, 2, 2, 2, 2};
        Adaptation one = Adaptation.within(new Known(layers, 1), perToken, 0.01);
        Adaptation two = Adaptation.within(new Known(layers, 2), perToken, 0.02);
        for (int layer = 0; layer < LAYERS; layer++) {
            assertEquals(two.threshold(layer), one.threshold(layer));
        }
    }

    @Test
    void withoutSensitivitiesAQuarterOfTheMeanShareIsLittleAndAllMayBeLower() {
        Adaptation fixed = Adaptation.within(new Known(List.of(), 2), new int[] {2, 2, 4, 8, 8}, 0.01);
        assertFalse(fixed.isMeasured());
        assertEquals(
                List.of(0.125, 0.125, 0.0625, 0.03125, 0.03125),
                Arrays.stream(new int[] {0, 1, 2, 3, 4})
                        .mapToObj(fixed::threshold)
                        .toList());
        assertTrue(fixed.mayBeLower(4, 11));
    }

    @Test
    void rangesOfSharesAreQuartersOfOctavesUpToOne() {
        for (int range = 0; range < LayerSensitivity.RANGES; range++) {
            double middle = Math.sqrt(Math.max(LayerSensitivity.least(range), 1e-9) * LayerSensitivity.most(range));
            assertEquals(range, LayerSensitivity.range(middle));
        }
        assertEquals(1, LayerSensitivity.most(63));
        assertEquals(0.5, LayerSensitivity.most(59));
        assertEquals(0, LayerSensitivity.range(0));
        assertEquals(63, LayerSensitivity.range(1));
    }
}
