package tilewright.boards;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The bundled boards against figures stated here from the vendors' documents, not from the files. */
class BundledBoardsTest {
    static Iterable<String> names() {
        return Boards.names();
    }

    @Test
    void everyPromisedBoardIsThereInOrder() {
        assertEquals(
                List.of(
                        "alveo-u280",
                        "alveo-u50",
                        "generic-cpu",
                        "ice40-hx8k",
                        "icebreaker",
                        "jetson-agx-orin-64gb",
                        "jetson-orin-nano-8gb",
                        "jetson-orin-nx-16gb",
                        "kv260",
                        "nvidia-h200",
                        "pynq-z2",
                        "ulx3s-85f",
                        "vck190",
                        "zcu102",
                        "zcu104"),
                List.copyOf(Boards.names()));
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyBundledBoardLoadsUnderTheNameOfItsFile(String name) {
        Board board = Boards.load(name);
        assertAll(
                () -> assertEquals(name, board.name()),
                () -> assertFalse(board.sources().isEmpty()),
                () -> assertTrue(board.family().kind() == board.kind()));
    }

    /** The total of block and large RAM is a figure that data sheets state separately from the counts. */
    @ParameterizedTest
    @CsvSource({
        // board, LUT, FF, DSP, DSP kind, block RAMs, large RAMs, Mbit of block RAM, Mbit of large RAM
        "zcu102, 274080, 548160, 2520, DSP48E2, 912, 0, 32.1, 0",
        "zcu104, 230400, 460800, 1728, DSP48E2, 312, 96, 11.0, 27.0",
        "kv260, 117120, 234240, 1248, DSP48E2, 144, 64, 5.1, 18.0",
        "pynq-z2, 53200, 106400, 220, DSP48E1, 140, 0, 4.9, 0",
        "alveo-u50, 871680, 1743360, 5952, DSP48E2, 1344, 640, 47.3, 180.0",
        "alveo-u280, 1303680, 2607360, 9024, DSP48E2, 2016, 960, 70.9, 270.0",
        "vck190, 899840, 1799680, 1968, DSP58, 967, 463, 34.0, 130.2",
        "ulx3s-85f, 83640, 83640, 156, MULT18X18D, 208, 0, 3.66, 0",
        "ice40-hx8k, 7680, 7680, 0, NONE, 32, 0, 0.125, 0",
        "icebreaker, 5280, 5280, 8, SB_MAC16, 30, 4, 0.117, 1.0",
    })
    void fabricMatchesTheDataSheets(
            String name,
            int lut,
            int ff,
            int dsp,
            DspKind kind,
            int blockRams,
            int largeRams,
            double blockMegabits,
            double largeMegabits) {
        Resources fabric = Boards.load(name).resources();
        assertAll(
                () -> assertEquals(lut, fabric.lut()),
                () -> assertEquals(ff, fabric.ff()),
                () -> assertEquals(dsp, fabric.dsp()),
                () -> assertEquals(kind, fabric.dspKind()),
                () -> assertEquals(blockRams, fabric.blockRam().blocks()),
                () -> assertEquals(largeRams, fabric.largeRam().blocks()),
                () -> assertEquals(blockMegabits, fabric.blockRam().bits() / 1048576.0, 0.01 * blockMegabits + 1e-9),
                () -> assertEquals(largeMegabits, fabric.largeRam().bits() / 1048576.0, 0.01 * largeMegabits + 1e-9));
    }

    /** GB/s from the transfer rate and the width of the bus, or the vendor's total. */
    @ParameterizedTest
    @CsvSource({
        "zcu102, 4294967296, 17.0667",
        "zcu104, 2147483648, 17.0667",
        "kv260, 4294967296, 19.2",
        "pynq-z2, 536870912, 2.1",
        "alveo-u50, 8589934592, 316",
        "alveo-u280, 42949672960, 498.4",
        "vck190, 17179869184, 88.1",
        "ulx3s-85f, 33554432, 0.286",
        "ice40-hx8k, 0, 0",
        "icebreaker, 0, 0",
        "jetson-orin-nano-8gb, 8589934592, 68",
        "jetson-orin-nx-16gb, 17179869184, 102.4",
        "jetson-agx-orin-64gb, 68719476736, 204.8",
        "nvidia-h200, 141000000000, 4800",
        "generic-cpu, 17179869184, 51.2",
    })
    void memoriesMatchTheDataSheets(String name, long bytes, double gigabytesPerSecond) {
        Board board = Boards.load(name);
        assertEquals(bytes, board.memoryBytes());
        assertEquals(gigabytesPerSecond * 1e9, board.memoryBytesPerSecond(), 1e-4 * gigabytesPerSecond * 1e9);
    }

    /** Dense tera-operations per second as the data sheets state them: two operations to a MAC. */
    @ParameterizedTest
    @CsvSource({
        "jetson-orin-nano-8gb, 8, 20, 1.28",
        "jetson-orin-nx-16gb, 8, 30, 1.88",
        "jetson-agx-orin-64gb, 16, 85, 5.3",
        "nvidia-h200, 132, 1979, 67",
    })
    void gpuRatesMatchTheDataSheets(String name, int multiprocessors, double int8Tops, double fp32Teraflops) {
        Compute compute = Boards.load(name).compute();
        assertEquals(multiprocessors, compute.units());
        assertEquals(int8Tops * 1e12, 2 * compute.macsPerSecond(NumberKind.INT8), 0.03 * int8Tops * 1e12);
        assertEquals(fp32Teraflops * 1e12, 2 * compute.macsPerSecond(NumberKind.FP32), 0.03 * fp32Teraflops * 1e12);
        assertEquals(
                compute.macsPerSecond(NumberKind.INT8),
                2 * compute.macsPerSecond(NumberKind.FP16),
                0.01 * int8Tops * 1e12,
                "tensor cores do int8 at twice the rate of fp16");
    }

    @Test
    void everyFpgaHasASmallerMemoryRateThanItsBlockRams() {
        for (String name : Boards.names()) {
            Board board = Boards.load(name);
            if (board.kind() == BoardKind.FPGA) {
                // A block of AMD or Lattice RAM reads at least 16 bits each cycle.
                double onChip = board.resources().blockRam().blocks() * 2.0;
                assertTrue(board.memoryBytesPerCycle() < onChip, name);
            }
        }
    }
}
