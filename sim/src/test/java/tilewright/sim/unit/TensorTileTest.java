package tilewright.sim.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.design.Design;
import tilewright.hw.unit.tensor.MacBlock;
import tilewright.hw.unit.tensor.OutputStationaryTile;
import tilewright.hw.unit.tensor.TileShape;
import tilewright.hw.unit.tensor.WeightStationaryTile;
import tilewright.sim.rtl.bench.Bench;
import tilewright.sim.rtl.bench.Runs;
import tilewright.sim.rtl.bench.Scoreboard;
import tilewright.sim.rtl.bench.Stalls;
import tilewright.sim.rtl.bench.StreamSource;

@Tag("hardware-tools")
class TensorTileTest {
    /** Transfers of activations and sums in each run; the runs of the three stalls have more than 10^5 of either. */
    private static final int VECTORS = 36_000;

    /** An int8, the extremes among them; a weight of a packed tile is not -128. */
    private static int value(Random random, int least) {
        return switch (random.nextInt(8)) {
            case 0 -> least;
            case 1 -> 127;
            default -> least + random.nextInt(128 - least);
        };
    }

    private static int[][] matrix(Random random, int rows, int columns, int least) {
        // Now and then all at an extreme, which gives the greatest sums.
        boolean extreme = random.nextInt(6) == 0;
        int all = random.nextBoolean() ? least : 127;
        int[][] result = new int[rows][columns];
        for (int[] row : result) {
            for (int c = 0; c < columns; c++) {
                row[c] = extreme ? all : value(random, least);
            }
        }
        return result;
    }

    private static void multiplyWithResidentWeights(Bench bench, TileShape shape, int vectors) {
        Random random = bench.random();
        int least = shape.packed() ? -127 : -128;
        StreamSource weights = bench.source("weights");
        StreamSource activations = bench.source("activations");
        Scoreboard sums = bench.expecting("sums");
        int[][] w = null;
        int left = 0;
        for (int i = 0; i < vectors; i++) {
            boolean next = left == 0;
            if (next) {
                left = 1 + random.nextInt(2 * shape.rows());
                w = matrix(random, shape.rows(), shape.columns(), least);
                for (int[] row : w) {
                    long[] word = new long[shape.columns()];
                    for (int c = 0; c < word.length; c++) {
                        word[c] = row[c];
                    }
                    weights.offer(word);
                }
            }
            left--;
            int[] x = matrix(random, 1, shape.rows(), -128)[0];
            long[] word = new long[shape.rows() + 1];
            long[] expected = new long[shape.columns()];
            for (int r = 0; r < shape.rows(); r++) {
                word[r] = x[r];
                for (int c = 0; c < shape.columns(); c++) {
                    expected[c] += x[r] * w[r][c];
                }
            }
            word[shape.rows()] = next ? 1 : 0;
            activations.offer(word);
            sums.expect(expected);
        }
        bench.runUntil(sums::isDone, 40L * vectors);
    }

    @ParameterizedTest
    @CsvSource({
        "LOGIC, 5, 3, false",
        "DSP48E1, 8, 4, false",
        "DSP48E2, 16, 4, true",
        "DSP48E2, 7, 2, true",
        "MULT18X18D, 4, 4, false",
        "SB_MAC16, 4, 2, false"
    })
    void tilesWithResidentWeightsMultiplyExactlyUnderStalls(MacBlock block, int rows, int columns, boolean packed) {
        TileShape shape = new TileShape(block, rows, columns, packed);
        UnitRuns.of(Elaboration.of(() -> new WeightStationaryTile(shape)))
                .run(bench -> multiplyWithResidentWeights(bench, shape, VECTORS));
    }

    @Test
    void theTileOf16By16MultipliesExactlyWithAndWithoutPacking() {
        for (boolean packed : new boolean[] {false, true}) {
            TileShape shape = new TileShape(MacBlock.DSP48E2, 16, 16, packed);
            UnitRuns.of(Elaboration.of(() -> new WeightStationaryTile(shape)))
                    .run(bench -> multiplyWithResidentWeights(bench, shape, VECTORS / 3));
        }
    }

    @Test
    void weightsAreChangedWithoutAGapWheneverAsManyVectorsAsRowsPass() {
        TileShape shape = new TileShape(MacBlock.DSP48E2, 8, 2, false);
        Design design = Elaboration.of(() -> new WeightStationaryTile(shape));
        UnitRuns.of(design).stalls(Stalls.NONE).run(bench -> {
            StreamSource weights = bench.source("weights");
            StreamSource activations = bench.source("activations");
            Scoreboard sums = bench.expecting("sums");
            int vectors = 100 * shape.rows();
            for (int i = 0; i < vectors; i++) {
                weights.offer(1, (byte) i);
                activations.offer(1, 1, 1, 1, 1, 1, 1, 1, i % shape.rows() == 0 ? 1 : 0);
                long first = i / shape.rows() * shape.rows();
                long sum = 0;
                for (int r = 0; r < shape.rows(); r++) {
                    sum += (byte) (first + r);
                }
                sums.expect(shape.rows(), sum);
            }
            bench.runUntil(sums::isDone, 10L * vectors);
            int loading = shape.rows();
            assertEquals(loading + vectors + WeightStationaryTile.latency(shape), bench.cycles());
        });
    }

    private static void multiplyWithResidentSums(Bench bench, TileShape shape, int vectors) {
        Random random = bench.random();
        StreamSource operands = bench.source("operands");
        Scoreboard sums = bench.expecting("sums");
        for (int done = 0; done < vectors; ) {
            int depth = 1 + random.nextInt(100);
            int[][] x = matrix(random, depth, shape.rows(), -128);
            int[][] w = matrix(random, depth, shape.columns(), -128);
            long[][] expected = new long[shape.rows()][shape.columns()];
            for (int k = 0; k < depth; k++) {
                long[] word = new long[shape.rows() + shape.columns() + 1];
                for (int r = 0; r < shape.rows(); r++) {
                    word[r] = x[k][r];
                    for (int c = 0; c < shape.columns(); c++) {
                        word[shape.rows() + c] = w[k][c];
                        expected[r][c] += x[k][r] * w[k][c];
                    }
                }
                word[word.length - 1] = k == depth - 1 ? 1 : 0;
                operands.offer(word);
            }
            for (int r = shape.rows() - 1; r >= 0; r--) {
                sums.expect(expected[r]);
            }
            done += depth;
        }
        bench.runUntil(sums::isDone, 40L * vectors);
    }

    @ParameterizedTest
    @CsvSource({"LOGIC, 4, 3", "DSP48E1, 8, 4", "DSP48E2, 16, 16", "MULT18X18D, 5, 2", "SB_MAC16, 4, 4"})
    void tilesWithResidentSumsMultiplyExactlyUnderStalls(MacBlock block, int rows, int columns) {
        TileShape shape = new TileShape(block, rows, columns, false);
        UnitRuns.of(Elaboration.of(() -> new OutputStationaryTile(shape)))
                .run(bench -> multiplyWithResidentSums(bench, shape, VECTORS));
    }

    @ParameterizedTest
    @CsvSource({"DSP48E2, 2", "MULT18X18D, 3"})
    void aResidentSumTakesItsProductsItsRowsAndTwoOrThreeClocks(MacBlock block, int extra) {
        TileShape shape = new TileShape(block, 8, 2, false);
        Runs runs = UnitRuns.of(Elaboration.of(() -> new OutputStationaryTile(shape)));
        runs.stalls(Stalls.NONE).run(bench -> {
            StreamSource operands = bench.source("operands");
            Scoreboard sums = bench.expecting("sums");
            int[] depths = {20, 20};
            Deque<Long> ends = new ArrayDeque<>();
            for (int depth : depths) {
                for (int k = 0; k < depth; k++) {
                    operands.offer(1, 2, 3, 4, 5, 6, 7, 8, 1, -1, k == depth - 1 ? 1 : 0);
                }
                for (int r = 8; r > 0; r--) {
                    sums.expect(r * depth, -r * depth);
                }
            }
            bench.runUntil(() -> sums.matched() == 8, 1000);
            ends.add(bench.cycles());
            bench.runUntil(sums::isDone, 1000);
            assertEquals(20 + shape.rows() + extra, bench.cycles() - ends.remove());
        });
    }

    @Test
    void shapesThatCannotBeBuiltAreRefused() {
        assertEquals(
                "a packed tile of 32 x 16 elements of DSP48E2; packing needs DSP48E2, at most 16 rows and an even number "
                        + "of columns",
                assertThrows(IllegalArgumentException.class, () -> new TileShape(MacBlock.DSP48E2, 32, 16, true))
                        .getMessage());
        assertEquals(
                "a tile of 1 x 4 elements; 2 x 1 to 256 x 256 can be built",
                assertThrows(IllegalArgumentException.class, () -> new TileShape(MacBlock.LOGIC, 1, 4, false))
                        .getMessage());
    }
}
