package tilewright.compiler.allocate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import tilewright.compiler.OptionException;
import tilewright.compiler.store.MatrixPlace;
import tilewright.model.graph.ExpertMatrix;

/** Examples worked by hand: plain experts of two 64 x 64 matrices, whose errors fall by 4 with each bit. */
class AllocationRuleTest {
    private static final long MATRIX_WEIGHTS = 64 * 64;

    /** Losses of experts at 0 bits; all else follows from it. */
    private record Example(double[][] gate, double[][] down, double[][] frequency, double[][] weight)
            implements ExpertModel {
        @Override
        public int layers() {
            return gate.length;
        }

        @Override
        public int experts(int layer) {
            return gate[layer].length;
        }

        @Override
        public List<ExpertMatrix> matrices(int layer) {
            return List.of(ExpertMatrix.GATE, ExpertMatrix.DOWN);
        }

        @Override
        public int inputs(int layer, ExpertMatrix matrix) {
            return 64;
        }

        @Override
        public long elements(int layer, ExpertMatrix matrix) {
            return MATRIX_WEIGHTS;
        }

        @Override
        public double frequency(int layer, int expert) {
            return frequency[layer][expert];
        }

        @Override
        public double meanWeight(int layer, int expert) {
            return weight[layer][expert];
        }

        @Override
        public double energy(int layer, int expert) {
            return 1;
        }

        @Override
        public double outputError(MatrixPlace place, int bits) {
            return loss(place, bits);
        }

        @Override
        public double loss(MatrixPlace place, int bits) {
            double[][] at = place.matrix() == ExpertMatrix.GATE ? gate : down;
            return at[place.layer()][place.expert()] * Math.pow(4, -bits);
        }
    }

    private static Example example(double[][] gate, double[][] down) {
        double[][] ones = new double[gate.length][gate[0].length];
        for (double[] row : ones) {
            java.util.Arrays.fill(row, 1);
        }
        return new Example(gate, down, ones, ones);
    }

    /** Bytes of so many matrices at bits plus a quarter. */
    private static double bytes(int... bits) {
        double sum = 0;
        for (int width : bits) {
            sum += MATRIX_WEIGHTS * (width + 0.25) / 8;
        }
        return sum;
    }

    private static int[] bits(ExpertModel model, AllocationRule.Result result, int layer) {
        int[] bits = new int[2 * model.experts(layer)];
        for (int expert = 0; expert < model.experts(layer); expert++) {
            bits[2 * expert] = result.allocation().bits(new MatrixPlace(layer, expert, ExpertMatrix.GATE));
            bits[2 * expert + 1] = result.allocation().bits(new MatrixPlace(layer, expert, ExpertMatrix.DOWN));
        }
        return bits;
    }

    @Test
    void theIntegerProgramGivesBitsWhereTheySaveMost() {
        // Going from 2 to 3 bits saves 3/64 of each number, from 3 to 4 3/256: first 100, then 100 again or 24.
        Example model = example(new double[][] {{100, 1}}, new double[][] {{24, 2}});

        assertArrayEquals(
                new int[] {4, 2, 2, 2},
                bits(model, AllocationRule.ILP.within(model, RecordSizes.codes(), bytes(4, 2, 2, 2)), 0));
        assertArrayEquals(
                new int[] {4, 3, 2, 2},
                bits(model, AllocationRule.ILP.within(model, RecordSizes.codes(), bytes(4, 3, 2, 2)), 0));
    }

    @Test
    void theIntegerProgramTakesTheFewestBytesForALoss() {
        Example model = example(new double[][] {{100, 1}}, new double[][] {{24, 2}});
        double loss = 100 / 256.0 + 24 / 64.0 + 1 / 16.0 + 2 / 16.0;

        AllocationRule.Result found = AllocationRule.ILP.withinLoss(model, RecordSizes.codes(), loss);

        assertArrayEquals(new int[] {4, 3, 2, 2}, bits(model, found, 0));
        assertEquals(0, found.gap(), 1e-12);
    }

    @Test
    void theUniformRuleTakesTheLargestWidthThatFits() {
        Example model = example(new double[][] {{1, 1}}, new double[][] {{1, 1}});

        assertArrayEquals(
                new int[] {3, 3, 3, 3},
                bits(model, AllocationRule.UNIFORM.within(model, RecordSizes.codes(), bytes(4, 4, 4, 3)), 0));
    }

    @Test
    void edgeMoeKeepsTheMostImportantExpertsOfAllLayersAtTheHigherWidth() {
        // Importance is the sum of both matrices' numbers: 9, 4, 7, 6. Two of four experts can have 4 bits.
        Example model = example(new double[][] {{8, 2}, {3, 6}}, new double[][] {{1, 2}, {4, 0}});

        AllocationRule.Result found =
                AllocationRule.EDGEMOE.within(model, RecordSizes.codes(), bytes(4, 4, 4, 4, 3, 3, 3, 3) + 10);

        assertArrayEquals(new int[] {4, 4, 3, 3}, bits(model, found, 0));
        assertArrayEquals(new int[] {4, 4, 3, 3}, bits(model, found, 1));
    }

    @Test
    void mcMoeWeighsErrorsByFrequencyAndWeightInEachLayerByItself() {
        // Layer 0: errors alike, so use decides: 0.5 * 0.9 against 0.5 * 0.1 and 0.9 * 0.1. Mean 3 bits of {2, 3, 4}.
        double[][] numbers = {{5, 5, 5}, {50, 1, 1}};
        Example model =
                new Example(numbers, numbers, new double[][] {{0.5, 0.5, 0.9}, {0.1, 0.1, 0.1}}, new double[][] {
                    {0.9, 0.1, 0.1}, {0.5, 0.5, 0.5}
                });

        AllocationRule.Result found =
                AllocationRule.MC_MOE.within(model, RecordSizes.codes(), bytes(3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3));

        assertArrayEquals(new int[] {4, 4, 2, 2, 3, 3}, bits(model, found, 0));
        assertEquals(4, bits(model, found, 1)[0]);
    }

    @Test
    void recordsAreCountedWithTheirPadding() {
        Example model = example(new double[][] {{1}}, new double[][] {{1}});
        BitAllocation allocation = new BitAllocation(model, 3);

        // 2 x 4096 x 3.25 / 8 bytes of codes; the record's end is filled up, there is no gap before the residuals.
        assertEquals(3328, allocation.bytes(RecordSizes.codes()));
        assertEquals(4096, allocation.bytes(RecordSizes.stored()));
    }

    @Test
    void bitsWeightedByUseCountExpertsAsOftenAsTokensReadThem() {
        Example model = new Example(
                new double[][] {{1, 1}}, new double[][] {{1, 1}}, new double[][] {{0.75, 0.25}}, new double[][] {{1, 1}
                });
        BitAllocation allocation = new BitAllocation(model, 2);
        allocation.set(0, 0, 4, 4);

        assertEquals(0.75 * 4.25 + 0.25 * 2.25, allocation.bitsWeightedByUse(RecordSizes.codes()), 1e-9);
        assertEquals(3.25, allocation.bitsPerWeight(RecordSizes.codes()), 1e-9);
    }

    @Test
    void limitsThatNothingMeetsAreRefused() {
        Example model = example(new double[][] {{1}}, new double[][] {{1}});

        assertEquals(
                "the experts get 2000 bytes (1.953 bits per weight), but take 2304 (2.250) at 2 bits; allow more",
                assertThrows(OptionException.class, () -> AllocationRule.ILP.within(model, RecordSizes.codes(), 2000))
                        .getMessage());
        assertEquals(
                "a loss of 1.0e-05 nats per token is allowed, but 8 bits are predicted to cost 3.1e-05; allow more",
                assertThrows(
                                OptionException.class,
                                () -> AllocationRule.ILP.withinLoss(model, RecordSizes.codes(), 1e-5))
                        .getMessage());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> AllocationRule.of("best"))
                .getMessage()
                .contains("ilp, uniform, edgemoe, mc-moe"));
    }
}
