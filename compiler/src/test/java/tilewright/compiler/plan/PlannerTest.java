package tilewright.compiler.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.boards.Board;
import tilewright.boards.Boards;
import tilewright.compiler.OptionException;
import tilewright.hw.hls.DesignParameters;
import tilewright.hw.hls.DesignParameters.Storage;

class PlannerTest {
    /** Edge-MoE's own cycle budget at an initiation interval of one and without memory latency. */
    private static final long EDGE_MOE_CYCLES = 5_830_272;

    private static Plan plan(ProgramShape shape, String board) {
        return Planner.plan(shape, Boards.load(board), ExpertLoad.BALANCED, Limits.USABLE);
    }

    @Test
    void edgeMoeAtEightBitsTakesAtMostAMillionAndAHalfCyclesInsideAZcu102() {
        Plan plan = plan(Shapes.EDGE_MOE.at(8), "zcu102");
        long cycles = plan.estimate().cycles();
        assertTrue(cycles <= 1_500_000, () -> cycles + " cycles");
        assertTrue(cycles < EDGE_MOE_CYCLES / 3);
        assertInside(plan.estimate().resources(), 2520, 274_080, 548_160, 912, 0);
    }

    @Test
    void edgeMoeAtSixteenBitsFitsAZcu102() {
        Plan plan = plan(Shapes.EDGE_MOE.at(16), "zcu102");
        assertInside(plan.estimate().resources(), 2520, 274_080, 548_160, 912, 0);
        assertTrue(plan.estimate().cycles() < EDGE_MOE_CYCLES);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 16})
    void aModelOfAHundredMillionParametersFitsZcu102AndAlveoU50(int bits) {
        assertEquals(100e6, Shapes.VIT_100M.weights(), 10e6);
        Plan small = plan(Shapes.VIT_100M.at(bits), "zcu102");
        assertInside(small.estimate().resources(), 2520, 274_080, 548_160, 912, 0);
        Plan large = plan(Shapes.VIT_100M.at(bits), "alveo-u50");
        assertInside(large.estimate().resources(), 5952, 871_680, 1_743_360, 1344, 640);
        assertTrue(large.estimate().cycles() < small.estimate().cycles());
    }

    /** Device totals from the data sheets DS891 and DS965. */
    private static void assertInside(ResourceUse use, int dsp, int lut, int ff, int bram36, int uram) {
        assertTrue(use.dsp().total() <= 0.85 * dsp, () -> use.dsp() + " DSP");
        assertTrue(use.lut() <= 0.70 * lut, () -> use.lut() + " LUT");
        assertTrue(use.ff() <= 0.50 * ff, () -> use.ff() + " FF");
        assertTrue(use.bram36() <= 0.85 * bram36, () -> use.bram36() + " BRAM");
        assertTrue(use.uram() <= 0.85 * uram, () -> use.uram() + " URAM");
    }

    @ParameterizedTest
    @CsvSource({"zcu102, 8, 1", "zcu104, 16, 2", "pynq-z2, 8, 3"})
    void noRandomDesignInsideTheLimitsIsFasterThanThePlan(String name, int bits, long seed) {
        Board board = Boards.load(name);
        ProgramShape shape = Shapes.MNIST.at(bits);
        double planned = plan(shape, name).estimate().slowest().work().cycles();
        CostModel model = new CostModel(shape, board, ExpertLoad.BALANCED, MemoryTiming.TYPICAL);
        Demand limit = Demand.limit(board, Limits.USABLE);
        Random random = new Random(seed);
        int inside = 0;
        for (int i = 0; i < 1000; i++) {
            DesignParameters sizes = random(random, board);
            Demand demand = Demand.of(0, model.resources(sizes));
            boolean legal = Infrastructure.residualWordBits(sizes.lanes(), shape.format()) <= 1024;
            if (legal && demand.share(limit) <= 1) {
                inside++;
                double cycles = model.estimate(sizes).slowest().work().cycles();
                assertTrue(planned <= cycles * (1 + Planner.TIE), () -> "seed " + seed + ": " + sizes);
            }
        }
        int found = inside;
        assertTrue(found >= 20, () -> "only " + found + " of the random designs fit");
    }

    private static DesignParameters random(Random random, Board board) {
        int lanes = 4 << random.nextInt(5);
        Storage[] storages =
                OnChipMemory.hasUram(board) ? Storage.values() : new Storage[] {Storage.LUTRAM, Storage.BRAM};
        return new DesignParameters(
                lanes,
                lanes * (1 + random.nextInt(4)),
                new int[] {1, 25, 50}[random.nextInt(3)],
                new int[] {1, 2, 4, 8}[random.nextInt(4)],
                1 << random.nextInt(3),
                1 << random.nextInt(4),
                1 << random.nextInt(3),
                storages[random.nextInt(storages.length)],
                storages[random.nextInt(storages.length)],
                board.clockMhz(),
                board.part());
    }

    @Test
    void theSamePlanIsFoundEveryTime() {
        Plan first = plan(Shapes.MNIST.at(8), "zcu104");
        Plan second = plan(Shapes.MNIST.at(8), "zcu104");
        assertEquals(first.parameters(), second.parameters());
        assertEquals(PlanListing.of(first), PlanListing.of(second));
    }

    @Test
    void theExampleFitsTheLargestEcp5InASmallDesign() {
        Plan plan = plan(Shapes.MNIST.at(8), "ulx3s-85f");
        assertInside(plan.estimate().resources(), 156, 83_640, 83_640, 104, 0);
        assertEquals(4, plan.parameters().lanes());
    }

    @Test
    void aPlanForUnevenRoutingKnowsThatIdleExpertsCostNothing() {
        ProgramShape shape = Shapes.MNIST.at(8);
        double[] two = new double[16];
        two[0] = 50;
        two[1] = 50;
        ExpertLoad collapsed =
                new ExpertLoad(Map.of("block1.experts", two, "block3.experts", two, "task0/block5.experts", two));
        Plan plan = Planner.plan(shape, Boards.load("zcu102"), collapsed, Limits.USABLE);
        assertTrue(plan.estimate().cycles() < plan(shape, "zcu102").estimate().cycles());
    }

    @Test
    void icebreakerIsRefusedInNumbersWithABoardThatFits() {
        String message = assertThrows(DoesNotFitException.class, () -> plan(Shapes.MNIST.at(8), "icebreaker"))
                .getMessage();
        assertTrue(
                message.startsWith("vit-moe-mnist at 8 bits does not fit icebreaker: the smallest design needs "),
                message);
        assertTrue(message.matches(".*[0-9.]+ times the DSPs of icebreaker \\([0-9]+, it has 8\\).*"), message);
        assertTrue(message.matches(".*[0-9.]+ times the LUTs of icebreaker \\([0-9]+, it has 5280\\).*"), message);
        assertTrue(message.matches(".*[0-9.]+ times the block RAM of icebreaker \\([0-9.]+, it has 3.3\\).*"), message);
        assertTrue(message.contains("MB of memory outside the fabric, of which it has none"), message);
        assertTrue(message.endsWith("; the smallest bundled board that it fits is pynq-z2"), message);
        assertFalse(message.contains("\n"));
    }

    @Test
    void aBoardWithoutMultipliersIsRefused() {
        String message = assertThrows(DoesNotFitException.class, () -> plan(Shapes.MNIST.at(8), "ice40-hx8k"))
                .getMessage();
        assertTrue(message.matches(".* needs [0-9]+ DSPs, and ice40-hx8k has none, .*"), message);
    }

    @Test
    void aModelLargerThanTheBoardsMemoryIsRefused() {
        String message = assertThrows(DoesNotFitException.class, () -> plan(Shapes.VIT_100M.at(8), "ulx3s-85f"))
                .getMessage();
        assertTrue(
                message.matches(
                        ".* needs 1[0-9]{2}\\.[0-9] MB of memory outside the fabric, of which it has 33.6 MB; .*"),
                message);
    }

    @ParameterizedTest
    @CsvSource({"nvidia-h200, gpu", "generic-cpu, cpu"})
    void whatIsNoFpgaIsRefusedWithTheBoardsThatAre(String board, String kind) {
        assertEquals(
                board + " is a " + kind + " and the HLS flow needs an FPGA; FPGA boards are alveo-u280, alveo-u50,"
                        + " ice40-hx8k, icebreaker, kv260, pynq-z2, ulx3s-85f, vck190, zcu102, zcu104",
                assertThrows(OptionException.class, () -> plan(Shapes.MNIST.at(8), board))
                        .getMessage());
    }
}
