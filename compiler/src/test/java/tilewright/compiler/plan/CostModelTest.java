package tilewright.compiler.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tilewright.boards.Board;
import tilewright.boards.Boards;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.hls.DesignParameters.Storage;

class CostModelTest {
    private static final Board ZCU102 = Boards.load("zcu102");

    /** Sizes of Edge-MoE's units: a tile of 16 x 16, four queries in flight. */
    private static final DesignParameters EDGE_MOE_SIZES = sizes(16, 16, 129);

    private static DesignParameters sizes(int lanes, int tileOutputs, int tokenTile) {
        return new DesignParameters(
                lanes,
                tileOutputs,
                tokenTile,
                4,
                4,
                4,
                1,
                Storage.LUTRAM,
                Storage.BRAM,
                ZCU102.clockMhz(),
                ZCU102.part());
    }

    private static TaskEstimate estimate(Shapes.Vit vit, int bits, DesignParameters sizes, MemoryTiming timing) {
        return new CostModel(vit.at(bits), ZCU102, ExpertLoad.BALANCED, timing)
                .estimate(sizes)
                .slowest();
    }

    private static double cycles(TaskEstimate task, String... endings) {
        return task.steps().stream()
                .filter(step -> Arrays.stream(endings).anyMatch(step.name()::endsWith))
                .mapToDouble(step -> step.work().cycles())
                .sum();
    }

    /**
     * Edge-MoE's cycle budget: its tile of 256 multiply-accumulates waits for the whole weights of a dense layer, ours
     * only for the first block's, so the dense layers are some percent below; experts are bound by the same loads.
     */
    @Test
    void linearLayersAgreeWithTheCycleBudgetOfEdgeMoe() {
        TaskEstimate task = estimate(Shapes.EDGE_MOE, 8, EDGE_MOE_SIZES, MemoryTiming.IDEAL);
        assertEquals(1_002_816, cycles(task, ".qkv", ".projection"), 0.07 * 1_002_816);
        assertEquals(1_002_600, cycles(task, ".fc1", ".fc2"), 0.06 * 1_002_600);
        assertEquals(1_060_704, cycles(task, ".experts"), 0.01 * 1_060_704);
    }

    @Test
    void multiplyAccumulatesAreThePublishedOnes() {
        TaskEstimate task = estimate(Shapes.EDGE_MOE, 8, EDGE_MOE_SIZES, MemoryTiming.TYPICAL);
        assertEquals(782.7e6, task.macs(), 0.1e6);
        assertEquals(17.98e6, Shapes.EDGE_MOE.weights(), 0.2e6);
    }

    @Test
    void theBoundIsTheLargerOfArithmeticAndBandwidth() {
        Bound bound = estimate(Shapes.EDGE_MOE, 8, EDGE_MOE_SIZES, MemoryTiming.TYPICAL)
                .bound();
        // 2 520 DSPs with two int8 products each; 18 MB over 17.067 GB/s, both at 300 MHz.
        assertEquals(782.7e6 / 5040, bound.macCycles(), 100);
        assertEquals(18.0e6 / 17.067e9 * 300e6, bound.byteCycles(), 3000);
        assertEquals("bytes", bound.limit());
        assertEquals(bound.byteCycles(), bound.cycles());
        assertTrue(bound.fraction() > 0 && bound.fraction() < 1);
    }

    @Test
    void aBlockThatComputesLongerThanItLoadsTakesItsRowsTimesWords() {
        // fc1 of the example at lanes 16 and 16 outputs: 12 blocks of 50 rows x 6 words; the input is loaded first
        // (300),
        // then the first weights (96), and the last results leave after the last block (50).
        TaskEstimate task = estimate(Shapes.MNIST, 8, sizes(16, 16, 50), MemoryTiming.IDEAL);
        double fixed = Coefficients.PIPELINE_DEPTH_CYCLES + Coefficients.STEP_OVERHEAD_CYCLES;
        double table = 256 / 16;
        assertEquals(300 + 96 + 12 * 300 + 50 + table + fixed, cycles(task, "block0.fc1"), 1e-6);
    }

    @Test
    void rowsBeyondTheTokenTileReadTheWeightsAgain() {
        TaskEstimate whole = estimate(Shapes.MNIST, 8, sizes(16, 16, 50), MemoryTiming.TYPICAL);
        TaskEstimate halves = estimate(Shapes.MNIST, 8, sizes(16, 16, 25), MemoryTiming.TYPICAL);
        // One expert's queue of 7 tokens fits either; the dense layers read twice.
        double dense = 3 * 2 * 96 * 192 + 6 * 4 * 96 * 96 + 16 * 96;
        assertEquals(dense, halves.work().weightBytes() - whole.work().weightBytes(), 1e-6);
        assertTrue(halves.work().cycles() > whole.work().cycles());
    }

    @Test
    void eachVisitedExpertIsReadOnceAndIdleExpertsAreNot() {
        ProgramShape shape = Shapes.MNIST.at(8);
        double[] load = new double[16];
        load[3] = 40;
        load[7] = 59.5;
        load[9] = 0.5;
        ExpertLoad loads = new ExpertLoad(Map.of("block1.experts", load));
        TaskEstimate task = new CostModel(shape, ZCU102, loads, MemoryTiming.TYPICAL)
                .estimate(sizes(16, 16, 64))
                .slowest();
        assertEquals(2.5 * 2 * 96 * 96, weightBytes(task, "block1.experts"), 1e-6);
        assertEquals(16 * 2 * 96 * 96, weightBytes(task, "block3.experts"), 1e-6);
    }

    private static double weightBytes(TaskEstimate task, String step) {
        return task.steps().stream()
                .filter(s -> s.name().equals(step))
                .mapToDouble(s -> s.work().weightBytes())
                .sum();
    }

    @Test
    void statisticsOfAnotherNumberOfExpertsAreRefused() {
        ExpertLoad loads = new ExpertLoad(Map.of("block1.experts", new double[8]));
        CostModel model = new CostModel(Shapes.MNIST.at(8), ZCU102, loads, MemoryTiming.TYPICAL);
        assertEquals(
                "router statistics of task0/block1.experts are of 8 experts, the layer has 16",
                assertThrows(IllegalArgumentException.class, () -> model.estimate(EDGE_MOE_SIZES))
                        .getMessage());
    }

    @Test
    void blocksAddUpToTheTask() {
        TaskEstimate task = estimate(Shapes.EDGE_MOE, 16, EDGE_MOE_SIZES, MemoryTiming.TYPICAL);
        assertEquals(13, task.blocks().size());
        assertEquals(
                task.work().cycles(),
                task.blocks().stream().mapToDouble(b -> b.work().cycles()).sum(),
                1e-3);
        assertEquals(
                task.macs(),
                task.blocks().stream().mapToDouble(BlockEstimate::macs).sum(),
                1);
        assertEquals(1e3 / task.milliseconds(), task.imagesPerSecond(), 1e-9);
    }

    @Test
    void theTileTakesOneDspPerProductInBothWidths() {
        for (int bits : new int[] {8, 16}) {
            DspUse dsp = new CostModel(Shapes.EDGE_MOE.at(bits), ZCU102, ExpertLoad.BALANCED, MemoryTiming.TYPICAL)
                    .resources(EDGE_MOE_SIZES)
                    .dsp();
            assertEquals(256, dsp.linear());
            assertEquals(dsp.total(), dsp.linear() + dsp.attention() + dsp.norm() + dsp.router() + dsp.requantise());
        }
    }

    @Test
    void weightsOfATileAreCountedInBanks() {
        DesignParameters inBram = new DesignParameters(
                16, 16, 129, 4, 4, 4, 1, Storage.BRAM, Storage.BRAM, ZCU102.clockMhz(), ZCU102.part());
        BufferPlacement tile = new CostModel(Shapes.EDGE_MOE.at(8), ZCU102, ExpertLoad.BALANCED, MemoryTiming.TYPICAL)
                .resources(inBram).buffers().stream()
                        .filter(buffer -> buffer.name().equals("weight_tile"))
                        .findFirst()
                        .orElseThrow();
        // 16 rows, double-buffered, each 128 bits wide: 2 blocks of 72 bits though only 48 words deep.
        assertEquals(32, tile.banks());
        assertEquals(48, tile.depth());
        assertEquals(64.0, tile.bram36());
    }

    @Test
    void powerIsAClassAndEnergyFollowsFromIt() {
        TaskEstimate task = estimate(Shapes.EDGE_MOE, 8, EDGE_MOE_SIZES, MemoryTiming.TYPICAL);
        assertEquals(task.energy().watts() * task.milliseconds(), task.energy().millijoulesPerImage(), 1e-6);
        assertEquals("3 to 10 W", task.energy().powerClass());
    }
}
