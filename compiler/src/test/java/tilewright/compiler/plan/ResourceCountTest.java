package tilewright.compiler.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.boards.Boards;
import tilewright.boards.DspKind;
import tilewright.hw.hls.DesignParameters.Storage;

class ResourceCountTest {
    /** Port widths from UG579 (27 x 18), AM004 (27 x 24), UG479 (25 x 18), FPGA-TN-02205 and FPGA-TN-02007. */
    @ParameterizedTest
    @CsvSource({
        "DSP48E2, 8, 8, 1",
        "DSP48E2, 16, 16, 1",
        "DSP48E2, 25, 8, 1",
        "DSP48E2, 18, 27, 1",
        "DSP48E2, 28, 18, 2",
        "DSP48E2, 32, 32, 4",
        "DSP48E2, 48, 32, 6",
        "DSP48E1, 25, 18, 1",
        "DSP48E1, 27, 18, 2",
        "DSP58, 27, 24, 1",
        "MULT18X18D, 18, 18, 1",
        "MULT18X18D, 24, 8, 2",
        "SB_MAC16, 16, 16, 1",
        "SB_MAC16, 32, 32, 9"
    })
    void aProductTakesTheBlocksThatItsPiecesNeed(DspKind kind, int a, int b, int blocks) {
        assertEquals(blocks, Multipliers.dsp(kind, a, b));
        assertEquals(blocks, Multipliers.dsp(kind, b, a));
    }

    /** Aspect ratios from UG573: 512 x 72 and 32K x 1 per block, halves of it. */
    @ParameterizedTest
    @CsvSource({
        "zcu102, 1, 1, 0.5",
        "zcu102, 36, 512, 0.5",
        "zcu102, 72, 512, 1",
        "zcu102, 73, 512, 1.5",
        "zcu102, 18, 1024, 0.5",
        "zcu102, 9, 2048, 0.5",
        "zcu102, 1, 32768, 1",
        "zcu102, 256, 16, 4",
        "zcu102, 256, 3096, 28",
        "ulx3s-85f, 36, 512, 0.5",
        "ulx3s-85f, 40, 50, 1",
    })
    void aBankOfBlockRamTakesWholeHalves(String board, int width, int depth, double blocks) {
        assertEquals(blocks, new OnChipMemory(Boards.load(board)).bram36(width, depth), 1e-9);
    }

    @Test
    void smallBlocksAreCountedByTheirBits() {
        // 4 Kbit of 16 x 256: a ninth of 36 Kbit.
        OnChipMemory memory = new OnChipMemory(Boards.load("icebreaker"));
        assertEquals(1 / 9.0, memory.bram36(16, 256), 1e-9);
        assertEquals(3 / 9.0, memory.bram36(48, 200), 1e-9);
    }

    /** RAM32M16 and RAM64M8 from UG574, RAM32M and RAM64M from UG474; block RAM is cheaper for anything deeper. */
    @ParameterizedTest
    @CsvSource({
        "zcu102, 14, 32, 8",
        "zcu102, 7, 64, 8",
        "zcu102, 256, 24, 152",
        "pynq-z2, 6, 32, 4",
        "pynq-z2, 3, 64, 4"
    })
    void shallowMemoryIsBuiltOfLuts(String board, int width, int depth, double luts) {
        BufferPlacement placed = new OnChipMemory(Boards.load(board)).place("rows", 3, width, depth);
        assertEquals(Storage.LUTRAM, placed.storage());
        assertEquals(3 * luts, placed.lut());
        assertEquals(0, placed.bram36());
    }

    @Test
    void largeBlocksAreSeventyTwoBitsWide() {
        BufferPlacement placed =
                new OnChipMemory(Boards.load("zcu104")).place("input_tile", Storage.URAM, 1, 256, 5000);
        assertEquals(8, placed.uram());
        assertEquals(256L * 5000, placed.bits());
    }
}
