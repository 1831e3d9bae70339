package tilewright.boards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoardMathTest {
    @ParameterizedTest
    @CsvSource({
        "zcu102, 4, 5040",
        "zcu102, 8, 5040",
        "zcu102, 9, 2520",
        "zcu102, 16, 2520",
        "vck190, 8, 5904",
        "vck190, 16, 1968",
        "pynq-z2, 8, 440",
        "pynq-z2, 16, 220",
        "ulx3s-85f, 8, 156",
        "ulx3s-85f, 16, 156",
        "icebreaker, 8, 16",
        "icebreaker, 16, 8",
        "ice40-hx8k, 8, 0",
        "jetson-orin-nano-8gb, 8, 16384", // 8 multiprocessors of 2048 MACs
        "jetson-orin-nano-8gb, 16, 0",
        "generic-cpu, 16, 256", // 8 cores, 2 units of 16 lanes
    })
    void macsPerCycleFollowFromTheUnits(String name, int bits, long expected) {
        assertEquals(expected, Boards.load(name).macsPerCycle(bits));
    }

    /** The published bounds of Edge-MoE's network on this board: 782.7 M MACs in 0.5 ms at int8. */
    @Test
    void zcu102BoundForEdgeMoeIsHalfAMillisecond() {
        Board board = Boards.load("zcu102");
        assertEquals(0.52e-3, 782.7e6 / board.macsPerSecond(8), 0.01e-3);
        assertEquals(1.04e-3, 782.7e6 / board.macsPerSecond(16), 0.01e-3);
    }

    @Test
    void bytesPerCycleAreBytesPerSecondOverTheClock() {
        Board board = Boards.load("zcu102");
        assertEquals(56.89, board.memoryBytesPerCycle(), 0.01);
        assertEquals(96, board.axiBytesPerCycle());
        assertEquals(56.89, board.readBytesPerCycle(), 0.01);
    }

    @Test
    void narrowPortsLimitWhatIsRead() {
        // 32 ports of 32 bytes at 300 MHz carry 307.2 of the 316 GB/s.
        Board board = Boards.load("alveo-u50");
        assertEquals(1024, board.readBytesPerCycle());
        assertEquals(1053.3, board.memoryBytesPerCycle(), 0.1);
    }

    @Test
    void withoutPortsTheMemoryItselfIsTheLimit() {
        Board board = Boards.load("ulx3s-85f");
        assertEquals(5.72, board.readBytesPerCycle(), 0.01);
        assertEquals(0, Boards.load("icebreaker").readBytesPerCycle());
    }

    @Test
    void onChipBitsCountBlockAndLargeRam() {
        assertEquals(912L * 36 * 1024, Boards.load("zcu102").onChipBits());
        assertEquals(312L * 36 * 1024 + 96L * 288 * 1024, Boards.load("zcu104").onChipBits());
        assertEquals(30L * 4096 + 4L * 256 * 1024, Boards.load("icebreaker").onChipBits());
    }

    @Test
    void otherBlockSizesConvertToAmdsUnits() {
        assertEquals(104, Boards.load("ulx3s-85f").resources().bram36());
        assertEquals(3, Boards.load("icebreaker").resources().bram36());
        assertEquals(96, Boards.load("zcu104").resources().uram());
        assertEquals(0, Boards.load("jetson-orin-nano-8gb").resources().bram36());
    }

    @Test
    void widthsWithoutARateAreRefused() {
        Board board = Boards.load("zcu102");
        assertEquals(
                "operands of 17 bits; rates are known for 2 to 16 bits",
                assertThrows(IllegalArgumentException.class, () -> board.macsPerCycle(17))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> board.macsPerSecond(1));
    }
}
