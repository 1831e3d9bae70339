package tilewright.sim.rtl.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.hw.lang.Elaboration;
import tilewright.sim.rtl.Simulation;
import tilewright.sim.rtl.Tools;

class AxiBenchTest {
    /** Copies one burst; gives the cycles it took. */
    private static long copy(Bench bench, long from, long to, int beats) {
        Simulation s = bench.simulation();
        s.set("from", from);
        s.set("to", to);
        s.set("length", beats - 1);
        s.set("start", 1);
        bench.cycle();
        s.set("start", 0);
        long before = bench.cycles();
        bench.runUntil(() -> s.get("busy") == 0, 100_000);
        return bench.cycles() - before;
    }

    @Test
    void burstsAreCopiedThroughTheMemoryUnderStallsInBothEngines() {
        Tools.assumeVerilator();
        Runs.of(Elaboration.of(() -> new Copier(Copier.Fault.NONE)))
                .seeds(1, 2)
                .stalls(Stalls.NONE, Stalls.of(0.25), Stalls.of(0.75))
                .run(bench -> {
                    AxiMemory memory = bench.memory("memory", new MemoryTiming(12, 5, 6.4, 4));
                    for (int i = 0; i < 12; i++) {
                        int beats = 1 + bench.random().nextInt(64);
                        byte[] data = new byte[8 * beats];
                        bench.random().nextBytes(data);
                        long from = bench.random().nextInt(1 << 10) * 4096L;
                        long to = (1 << 22) + bench.random().nextInt(1 << 10) * 4096L + 512;
                        memory.bytes().write(from, data);
                        copy(bench, from, to, beats);
                        assertArrayEquals(data, memory.bytes().read(to, data.length));
                    }
                    assertTrue(memory.monitor().isIdle());
                });
    }

    @Test
    void aReadTakesItsLatencyAndTheBandwidthIsKept() {
        Runs.of(Elaboration.of(() -> new Copier(Copier.Fault.NONE)))
                .engines(Engines.java())
                .run(bench -> {
                    bench.memory("memory", new MemoryTiming(40, 20, 2, 4));
                    // 64 words of 8 bytes at 2 bytes a cycle, there and back, and both latencies.
                    long cycles = copy(bench, 0, 4096, 64);
                    long bound = 2 * 64 * 8 / 2 + 40 + 20;
                    assertTrue(cycles >= bound - 16 && cycles <= bound + 24, cycles + " cycles, bound " + bound);
                });
    }

    @Test
    void everyFaultOfAManagerIsFound(@TempDir Path folder) {
        assertFault(Copier.Fault.LAST_TOO_EARLY, "word 3 of a write of 4 words is marked as the last", folder);
        assertFault(Copier.Fault.NEVER_LAST, "word 4 of a write of 4 words is not marked as the last", folder);
        assertFault(Copier.Fault.ADDRESS_CHANGES, "stream 'memory_aw': the word changed from", folder);
        assertFault(Copier.Fault.DATA_WITHDRAWN, "stream 'memory_w': valid fell before ready rose", folder);
        assertFault(
                Copier.Fault.STROBES_BESIDE,
                "word 1 of a write at 0x2000 writes lane 4, outside its lanes 0 to 3",
                folder);
    }

    private static void assertFault(Copier.Fault fault, String message, Path folder) {
        BenchFailure failure = assertThrows(
                BenchFailure.class,
                () -> Runs.of(Elaboration.of(() -> new Copier(fault)))
                        .engines(Engines.java())
                        .stalls(Stalls.of(0.75))
                        .failuresIn(folder)
                        .run(bench -> {
                            bench.memory("memory", MemoryTiming.IDEAL);
                            copy(bench, 0x1000, 0x2000, 4);
                        }));
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    @Test
    void aBurstAcrossABoundaryIsFound(@TempDir Path folder) {
        BenchFailure failure = assertThrows(
                BenchFailure.class,
                () -> Runs.of(Elaboration.of(() -> new Copier(Copier.Fault.NONE)))
                        .engines(Engines.java())
                        .failuresIn(folder)
                        .run(bench -> {
                            bench.memory("memory", MemoryTiming.IDEAL);
                            copy(bench, 0x1ff8, 0x2000, 2);
                        }));
        assertTrue(
                failure.getMessage()
                        .contains(
                                "port 'memory': the burst {arid=2, araddr=8184, arlen=1, arsize=3, arburst=1} crosses a"
                                        + " boundary of 4096 bytes"),
                failure.getMessage());
    }

    @Test
    void registersAreWrittenAndReadUnderStallsInBothEngines() {
        Tools.assumeVerilator();
        Runs.of(Elaboration.of(Registers::new))
                .seeds(1, 2)
                .stalls(Stalls.NONE, Stalls.of(0.25), Stalls.of(0.75))
                .run(bench -> {
                    AxiManager control = bench.manager("control");
                    long[] expected = new long[16];
                    for (int i = 0; i < 200; i++) {
                        int register = bench.random().nextInt(16);
                        long value = bench.random().nextInt() & 0xffff_ffffL;
                        AxiManager.Write write = control.writeNumber(4 * register, value);
                        expected[register] = value;
                        bench.runUntil(write::isDone, 1000);
                        assertEquals(0, write.response());
                        int other = bench.random().nextInt(16);
                        assertEquals(expected[other], control.readNumber(4 * other));
                    }
                    bench.runUntil(control.write(4 * 3 + 1, (byte) 0x5a)::isDone, 1000);
                    assertEquals(expected[3] & 0xffff_00ffL | 0x5a00, control.readNumber(12));
                });
    }

    @Test
    void whatIsNotOneBurstIsRefused() {
        Runs.of(Elaboration.of(Registers::new)).engines(Engines.java()).run(bench -> {
            AxiManager control = bench.manager("control");
            IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> control.read(2, 4));
            assertEquals("4 bytes at 0x2 are not one burst of port 'control'; ask for fewer", refused.getMessage());
        });
    }
}
