package tilewright.edge.expert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.edge.matrix.ExpertWeights;
import tilewright.model.store.LayerSensitivity;

/** What a tolerance allows, against enumeration. */
class AdaptationTest {
    private static final int LAYERS = 5;
    private static final int EXPERTS = 12;
    /** Where ranges of shares begin. */
    private static final double[] BEGINS = IntStream.range(0, 64)
            .mapToDouble(range -> range == 0 ? 0 : Math.exp((range - 64) * Math.log(2) / 4))
            .toArray();

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
            int from = have < 0 ? 0 : 5;
            int to = level == 0 && levelsOfAll == 2 ? 5 : 8;
            return List.of(new Extent(null, from * 4096L, (to - from) * 4096, from * 4096));
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

    /**
     * The loss when each use of a share in a range that begins below sqrt(theta / s) is left out, the mean share stays, and experts are at
     * their lower width whose use then costs at most theta for the part of a record that is saved.
     */
    private static double loss(List<LayerSensitivity> layers, int[] perToken, boolean nested, double theta) {
        double sum = 0;
        for (int layer = 0; layer < LAYERS; layer++) {
            LayerSensitivity of = layers.get(layer);
            double s = of.sensitivity();
            for (int range = 0; range < 64 && s > 0; range++) {
                double begin = BEGINS[range];
                if (s * begin * begin < theta * (1 - 1e-6) && begin < (1 - 1e-6) / perToken[layer]) {
                    sum += s * of.squaredShares().get(range);
                }
            }
            for (int expert = 0; expert < EXPERTS && nested; expert++) {
                double loss = of.lowerLosses().get(expert);
                // A record has 8 pages, of which the residual range takes 3.
                sum += loss <= theta * of.frequencies().get(expert) * 3 / 8 ? loss : 0;
            }
        }
        return sum;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whatGivesWayIsThatOfTheLargestPriceWhoseLossStaysWithinTheTolerance(long seed) {
        Random random = new Random(seed);
        List<LayerSensitivity> layers = sensitivities(random);
        int[] perToken = perToken(random);
        boolean nested = random.nextInt(4) > 0;
        double tolerance = Math.pow(10, -4 + 4 * random.nextDouble());
        Adaptation adaptation = Adaptation.within(new Known(layers, nested ? 2 : 1), perToken, tolerance);
        // Enumerates many prices and keeps the largest one.
        double best = 0;
        for (int step = 0; step < 100_000; step++) {
            double theta = 1e-9 * Math.exp(step * 2.2e-4);
            best = loss(layers, perToken, nested, theta) <= tolerance ? theta : best;
        }
        for (int layer = 0; layer < LAYERS; layer++) {
            String place = "seed " + seed + ", layer " + layer;
            double s = layers.get(layer).sensitivity();
            for (int range = 0; range < 64; range++) {
                double begin = BEGINS[range];
                boolean out = s > 0 && s * begin * begin < best && begin < (1 - 1e-6) / perToken[layer];
                assertEquals(out, begin < adaptation.threshold(layer) * (1 - 1e-6), place + ", range " + range);
            }
            for (int expert = 0; expert < EXPERTS; expert++) {
                double loss = layers.get(layer).lowerLosses().get(expert);
                double price =
                        loss == 0 ? 0 : loss / layers.get(layer).frequencies().get(expert) * 8 / 3;
                assertEquals(
                        nested && price <= best, adaptation.mayBeLower(layer, expert), place + ", expert " + expert);
            }
        }
        assertEquals(loss(layers, perToken, nested, best), adaptation.mostLoss(), 1e-9);
        assertTrue(adaptation.mostLoss() <= tolerance);
    }

    @Test
    void thresholdsOfAllLayersStandForTheSameLoss() {
        List<LayerSensitivity> layers = sensitivities(new Random(12));
        Adaptation adaptation = Adaptation.within(new Known(layers, 2), new int[] {2, 2, 2, 2, 2}, 0.003);
        List<Double> losses = new ArrayList<>();
        for (int layer = 0; layer < LAYERS; layer++) {
            double share = adaptation.threshold(layer);
            if (share > 0 && share < 0.5) {
                losses.add(layers.get(layer).sensitivity() * share * share);
            }
        }
        assertTrue(losses.size() > 1);
        losses.forEach(loss -> assertEquals(losses.getFirst(), loss, 1e-12));
    }

    @Test
    void partsGiveWayByThemselves() {
        List<LayerSensitivity> layers = sensitivities(new Random(13));
        Adaptation both = Adaptation.within(new Known(layers, 2), new int[] {2, 2, 2, 2, 2}, 0.01);
        Adaptation lower = both.onlyLowerWidths();
        Adaptation out = both.onlyLeavingOut();
        assertEquals(both.mostLoss(), lower.mostLoss() + out.mostLoss(), 1e-12);
        for (int layer = 0; layer < LAYERS; layer++) {
            assertEquals(0, lower.threshold(layer));
            assertEquals(both.threshold(layer), out.threshold(layer));
            for (int expert = 0; expert < EXPERTS; expert++) {
                assertEquals(both.mayBeLower(layer, expert), lower.mayBeLower(layer, expert));
                assertFalse(out.mayBeLower(layer, expert));
            }
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
