package tilewright.hw.lang;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import tilewright.hw.lang.design.Interpreter;

class MemTest {
    private static final int DEPTH = 12;

    static final class Memory extends Component {
        final UInt readAddress = in(uint(4));
        final UInt writeAddress = in(uint(4));
        final UInt word = in(uint(8));
        final Bool enable = in(bool());
        final Bits lanes = in(bits(2));
        final UInt next = out(uint(8));
        final UInt now = out(uint(8));
        private final Mem<UInt> words = mem(DEPTH, uint(8));

        Memory() {
            when(enable, () -> words.writeMasked(writeAddress, word, bool(true), lanes));
            next.assign(words.read(readAddress, lanes.bit(0)));
            now.assign(words.readAsync(readAddress));
        }
    }

    @Test
    void aReadSeesWhatWasStoredBeforeTheEdge() {
        Random random = new Random(4);
        Interpreter dut = new Interpreter(Elaboration.of(Memory::new));
        int[] words = new int[16];
        int next = 0;
        for (int i = 0; i < 2000; i++) {
            int read = random.nextInt(16);
            int write = random.nextInt(16);
            int word = random.nextInt(256);
            int enable = random.nextInt(2);
            int lanes = random.nextInt(4);
            dut.set("readAddress", read);
            dut.set("writeAddress", write);
            dut.set("word", word);
            dut.set("enable", enable);
            dut.set("lanes", lanes);
            assertEquals(next, dut.getLong("next"));
            assertEquals(words[read], dut.getLong("now"));
            next = (lanes & 1) == 1 ? words[read] : next;
            int mask = ((lanes & 1) == 1 ? 0x0f : 0) | ((lanes & 2) == 2 ? 0xf0 : 0);
            if (enable == 1 && write < DEPTH) {
                words[write] = words[write] & ~mask | word & mask;
            }
            dut.step();
        }
    }

    static final class Dual extends Component {
        final UInt a = in(uint(3));
        final UInt b = in(uint(3));
        final UInt word = in(uint(8));
        final UInt result = out(uint(8));
        private final Mem<UInt> words = mem(8, uint(8)).dualPort();

        Dual() {
            words.write(a, word);
            words.write(b, word.plusMod(1));
            result.assign(words.readAsync(a));
        }
    }

    @Test
    void ofTwoWritesToOneWordTheLaterWins() {
        Interpreter dut = new Interpreter(Elaboration.of(Dual::new));
        dut.set("a", 3);
        dut.set("b", 3);
        dut.set("word", 7);
        dut.step();
        assertEquals(8, dut.getLong("result"));
    }

    static final class Resets extends Component {
        final ClockDomain other = ClockDomain.withAsynchronousReset("other");
        final UInt count = out(uint(4));
        final UInt otherCount = clockedBy(other, () -> out(uint(4)));

        Resets() {
            UInt value = reg(uint(4), 5);
            value.assign(value.plusMod(1));
            count.assign(value);
            clockedBy(other, () -> {
                UInt second = reg(uint(4), 9);
                second.assign(second.plusMod(1));
                otherCount.assign(second);
            });
        }
    }

    @Test
    void aSynchronousResetWaitsForTheEdgeAndAnAsynchronousOneDoesNot() {
        Interpreter dut = new Interpreter(Elaboration.of(Resets::new));
        dut.set("reset", 1);
        dut.set("other_reset", 1);
        assertEquals(0, dut.getLong("count"));
        assertEquals(9, dut.getLong("otherCount"));
        dut.step("clock");
        assertEquals(5, dut.getLong("count"));
        dut.set("reset", 0);
        dut.set("other_reset", 0);
        dut.step("clock");
        assertEquals(6, dut.getLong("count"));
        assertEquals(9, dut.getLong("otherCount"));
        dut.step("other");
        assertEquals(10, dut.getLong("otherCount"));
    }
}
