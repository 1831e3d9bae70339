package tilewright.sim.bus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.hw.lang.Elaboration;
import tilewright.sim.rtl.Tools;
import tilewright.sim.rtl.bench.AxiMemory;
import tilewright.sim.rtl.bench.Bench;
import tilewright.sim.rtl.bench.MemoryTiming;
import tilewright.sim.rtl.bench.Runs;
import tilewright.sim.rtl.bench.Scoreboard;
import tilewright.sim.rtl.bench.Stalls;
import tilewright.sim.rtl.bench.StreamSource;

class CopierTest {
    private static final int COMMANDS = 60;
    private static final int MOST_WORDS = 700;
    /** The memory's size; sources and destinations lie anywhere in it, so that later commands read what earlier ones wrote. */
    private static final int WORDS = 4096;

    @BeforeAll
    static void needVerilator() {
        Tools.assumeVerilator();
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1000, 64", "40, 12, 16, 8", "25, 30, 5.5, 2"})
    void memoryHoldsTheCopiesUnderAllStallsAndTimings(int read, int write, double bytesPerCycle, int outstanding) {
        MemoryTiming timing = new MemoryTiming(read, write, bytesPerCycle, outstanding);
        Runs.of(Elaboration.of(Copier::new))
                .seeds(1, 2)
                .stalls(Stalls.NONE, Stalls.of(0.25), Stalls.of(0.75))
                .run(bench -> copy(bench, timing));
    }

    private static void copy(Bench bench, MemoryTiming timing) {
        AxiMemory memory = bench.memory("memory", timing);
        StreamSource commands = bench.source("commands");
        Scoreboard finished = bench.expecting("finished");
        byte[] model = new byte[8 * WORDS];
        bench.random().nextBytes(model);
        memory.bytes().write(0, model);
        long copied = 0;
        for (int i = 0; i < COMMANDS; i++) {
            int words = i % 4 == 0
                    ? 1 + bench.random().nextInt(20)
                    : 1 + bench.random().nextInt(MOST_WORDS);
            int source = bench.random().nextInt(WORDS / 2 - words);
            int destination = WORDS / 2 + bench.random().nextInt(WORDS / 2 - words);
            boolean isBack = bench.random().nextBoolean();
            int from = isBack ? destination : source;
            int to = isBack ? source : destination;
            commands.offer(8L * from, 8L * to, words, i);
            finished.expect(i);
            System.arraycopy(model, 8 * from, model, 8 * to, 8 * words);
            copied += words;
        }
        bench.runUntil(finished::isDone, 100L * copied + 1_000L * COMMANDS);
        assertArrayEquals(model, memory.bytes().read(0, model.length));
        assertTrue(memory.monitor().isIdle());
        assertEquals(copied, memory.monitor().coverage(1).transfers());
        assertEquals(copied, memory.monitor().coverage(4).transfers());
        assertEquals(16 * copied, memory.bytesMoved());
    }
}
