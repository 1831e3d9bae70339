package tilewright.sim.bus;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tilewright.hw.lang.Elaboration;
import tilewright.sim.rtl.Tools;
import tilewright.sim.rtl.bench.AxiManager;
import tilewright.sim.rtl.bench.Bench;
import tilewright.sim.rtl.bench.Runs;
import tilewright.sim.rtl.bench.Stalls;

class RegisterFileTest {
    private static final int ROUNDS = 60;
    private static final int PER_ROUND = 300;
    private static final int BYTES = 4 * RegisterFile.REGISTERS;

    private record Expected(AxiManager.Read read, int response, byte[] bytes) {}

    @BeforeAll
    static void needVerilator() {
        Tools.assumeVerilator();
    }

    @Test
    void registersHoldTheBytesThatWereWrittenUnderAllStalls() {
        Runs.of(Elaboration.of(RegisterFile::new))
                .seeds(1, 2)
                .stalls(Stalls.NONE, Stalls.of(0.25), Stalls.of(0.75), Stalls.bursts(0.5, 12))
                .run(RegisterFileTest::writeAndRead);
    }

    /** Each round writes one half of the registers and reads the other at the same time, since AXI orders nothing else. */
    private static void writeAndRead(Bench bench) {
        AxiManager manager = bench.manager("control");
        byte[] model = new byte[2 * BYTES];
        for (int round = 0; round < ROUNDS; round++) {
            int half = round % 2 * (BYTES / 2);
            List<AxiManager.Write> refused = new ArrayList<>();
            List<Expected> reads = new ArrayList<>();
            for (int i = 0; i < PER_ROUND; i++) {
                boolean isOutside = bench.random().nextInt(16) == 0;
                int from = bench.random().nextInt(BYTES / 2);
                int count = 1 + bench.random().nextInt(4 - from % 4);
                byte[] bytes = new byte[count];
                bench.random().nextBytes(bytes);
                int address = isOutside ? BYTES + from : half + from;
                AxiManager.Write write = manager.write(address, bytes);
                if (isOutside) {
                    refused.add(write);
                } else {
                    System.arraycopy(bytes, 0, model, address, count);
                }
                int other = isOutside ? BYTES + 4 * (from / 4) : BYTES / 2 - half + 4 * (from / 4);
                byte[] wanted = Arrays.copyOfRange(model, other, other + 4);
                int response = isOutside ? RegisterFile.RESPONSE_ERROR : 0;
                reads.add(new Expected(manager.read(other, 4), response, wanted));
            }
            bench.runUntil(manager::isDone, 100_000);
            refused.forEach(write -> assertEquals(RegisterFile.RESPONSE_ERROR, write.response()));
            for (Expected expected : reads) {
                assertEquals(expected.response, expected.read.response());
                assertArrayEquals(expected.bytes, expected.read.bytes());
            }
        }
        assertTrue(manager.monitor().isIdle());
        assertEquals(ROUNDS * PER_ROUND, manager.monitor().coverage(2).transfers());
        assertEquals(ROUNDS * PER_ROUND, manager.monitor().coverage(4).transfers());
    }
}
