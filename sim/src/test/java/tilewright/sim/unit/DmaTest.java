package tilewright.sim.unit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.unit.memory.DmaShape;
import tilewright.hw.unit.memory.ReadDma;
import tilewright.hw.unit.memory.StridedTransfers;
import tilewright.hw.unit.memory.WriteDma;
import tilewright.sim.rtl.bench.AxiMemory;
import tilewright.sim.rtl.bench.Bench;
import tilewright.sim.rtl.bench.MemoryBytes;
import tilewright.sim.rtl.bench.MemoryTiming;
import tilewright.sim.rtl.bench.Scoreboard;
import tilewright.sim.rtl.bench.Stalls;
import tilewright.sim.rtl.bench.StreamSource;

@Tag("hardware-tools")
class DmaTest {
    private static final int WORDS = 36_000;
    private static final MemoryTiming FAST = new MemoryTiming(20, 10, 64, 16);

    private record Transfer(long address, int words) {}

    /** Transfers of all lengths, anywhere in a memory, that do not meet. */
    private static List<Transfer> transfers(Random random, DmaShape shape, int words) {
        List<Transfer> result = new ArrayList<>();
        long next = 0;
        for (int done = 0; done < words; ) {
            int length = random.nextInt(4) == 0 ? 1 + random.nextInt(2000) : 1 + random.nextInt(40);
            result.add(new Transfer(next, length));
            next += (long) (length + random.nextInt(50)) * shape.bytes();
            done += length;
        }
        return result;
    }

    /** The bursts of transfers, word by word: a new one at each transfer and at each multiple of a burst's length. */
    private static List<List<Long>> bursts(List<Transfer> transfers, DmaShape shape) {
        List<List<Long>> result = new ArrayList<>();
        long burstBytes = (long) shape.burstWords() * shape.bytes();
        for (Transfer transfer : transfers) {
            long begin = transfer.address;
            for (int i = 1; i <= transfer.words; i++) {
                long end = transfer.address + (long) i * shape.bytes();
                if (i == transfer.words || end % burstBytes == 0) {
                    result.add(List.of(begin, (end - begin) / shape.bytes() - 1));
                    begin = end;
                }
            }
        }
        return result;
    }

    private static long[] word(byte[] bytes, long mark) {
        long[] word = new long[(bytes.length + 7) / 8 + (mark < 0 ? 0 : 1)];
        ByteBuffer padded = ByteBuffer.allocate(8 * word.length).order(ByteOrder.LITTLE_ENDIAN);
        padded.put(bytes).rewind();
        padded.asLongBuffer().get(word);
        if (mark >= 0) {
            word[word.length - 1] = mark;
        }
        return word;
    }

    private static List<List<Long>> watch(Bench bench, String channel) {
        List<List<Long>> seen = new ArrayList<>();
        bench.monitor(channel).onTransfer(word -> seen.add(List.of(word[0], word[1])));
        return seen;
    }

    private static void read(Bench bench, DmaShape shape, int count, MemoryTiming timing) {
        Random random = bench.random();
        List<Transfer> transfers = transfers(random, shape, count);
        MemoryBytes contents = new MemoryBytes();
        AxiMemory memory = bench.memory("memory", timing, contents);
        List<List<Long>> seen = watch(bench, "memory_ar");
        StreamSource requests = bench.source("transfers");
        Scoreboard words = bench.expecting("words");
        for (Transfer transfer : transfers) {
            requests.offer(transfer.address, transfer.words);
            for (int i = 0; i < transfer.words; i++) {
                byte[] bytes = new byte[shape.bytes()];
                random.nextBytes(bytes);
                contents.write(transfer.address + (long) i * shape.bytes(), bytes);
                words.expect(word(bytes, i == transfer.words - 1 ? 1 : 0));
            }
        }
        bench.runUntil(words::isDone, 60L * count);
        assertEquals(bursts(transfers, shape), seen);
        assertTrue(memory.monitor().isIdle());
        assertTrue(memory.monitor().mostReads() <= shape.outstanding());
        assertEquals(0, bench.simulation().get("failed"));
    }

    @ParameterizedTest
    @CsvSource({"32, 32, 16, 8", "40, 128, 256, 4", "32, 8, 1, 2", "64, 512, 64, 16"})
    void wordsAreReadInOrderInTheExpectedBurstsUnderStalls(int address, int data, int burst, int outstanding) {
        DmaShape shape = new DmaShape(address, data, burst, outstanding);
        UnitRuns.of(Elaboration.of(() -> new ReadDma(shape))).run(bench -> read(bench, shape, WORDS, FAST));
    }

    private static void write(Bench bench, DmaShape shape, int count) {
        Random random = bench.random();
        List<Transfer> transfers = transfers(random, shape, count);
        AxiMemory memory = bench.memory("memory", FAST);
        List<List<Long>> seen = watch(bench, "memory_aw");
        StreamSource requests = bench.source("transfers");
        StreamSource words = bench.source("words");
        Scoreboard done = bench.expecting("done");
        MemoryBytes expected = new MemoryBytes();
        for (Transfer transfer : transfers) {
            requests.offer(transfer.address, transfer.words);
            done.expect(1);
            for (int i = 0; i < transfer.words; i++) {
                byte[] bytes = new byte[shape.bytes()];
                random.nextBytes(bytes);
                expected.write(transfer.address + (long) i * shape.bytes(), bytes);
                words.offer(word(bytes, -1));
            }
        }
        bench.runUntil(done::isDone, 60L * count);
        assertEquals(bursts(transfers, shape), seen);
        assertTrue(memory.monitor().isIdle());
        assertTrue(memory.monitor().mostWrites() <= shape.outstanding());
        Transfer last = transfers.getLast();
        int all = Math.toIntExact(last.address + (long) (last.words + 64) * shape.bytes());
        assertArrayEquals(expected.read(0, all), memory.bytes().read(0, all));
    }

    @ParameterizedTest
    @CsvSource({"32, 32, 16, 8", "40, 128, 256, 4", "32, 8, 1, 2"})
    void wordsAreWrittenInTheExpectedBurstsUnderStalls(int address, int data, int burst, int outstanding) {
        DmaShape shape = new DmaShape(address, data, burst, outstanding);
        UnitRuns.of(Elaboration.of(() -> new WriteDma(shape))).run(bench -> write(bench, shape, WORDS));
    }

    @Test
    void readsHideTheLatencyOfMemoryBehindBurstsUnderWay() {
        DmaShape shape = new DmaShape(32, 64, 16, 8);
        UnitRuns.of(Elaboration.of(() -> new ReadDma(shape)))
                .stalls(Stalls.NONE)
                .run(bench -> {
                    AxiMemory memory = bench.memory("memory", new MemoryTiming(100, 10, 8, 16));
                    bench.source("transfers").offer(0, 16_000);
                    int[] count = {0};
                    bench.sink("words", _ -> count[0]++);
                    bench.runUntil(() -> count[0] == 16_000, 100_000);
                    assertEquals(8, memory.monitor().mostReads());
                    assertTrue(bench.cycles() < 16_000 + 120, () -> "16 000 words in " + bench.cycles() + " clocks");
                });
    }

    @Test
    void anErrorOfMemoryIsToldWithTheTransferItBelongsTo() {
        DmaShape shape = new DmaShape(32, 32, 4, 4);
        UnitRuns.of(Elaboration.of(() -> new WriteDma(shape))).run(bench -> {
            StreamSource responses = bench.source("memory_b");
            int[] bursts = {0};
            bench.sink("memory_aw");
            bench.sink("memory_w", word -> {
                if (word[2] == 1) {
                    responses.offer(bursts[0]++ == 1 ? 2 : 0);
                }
            });
            StreamSource transfers = bench.source("transfers");
            StreamSource words = bench.source("words");
            Scoreboard done = bench.expecting("done");
            // Three bursts, of which the second fails, then one that goes well.
            transfers.offer(0, 12);
            done.expect(0);
            transfers.offer(64, 4);
            done.expect(1);
            for (int i = 0; i < 16; i++) {
                words.offer(i);
            }
            bench.runUntil(done::isDone, 1000);
        });
    }

    @Test
    void anErrorOfMemoryInAReadIsKept() {
        DmaShape shape = new DmaShape(32, 32, 4, 4);
        UnitRuns.of(Elaboration.of(() -> new ReadDma(shape))).run(bench -> {
            StreamSource data = bench.source("memory_r");
            bench.sink("memory_ar", _ -> {
                data.offer(1, 0, 0);
                data.offer(2, 2, 0);
                data.offer(3, 0, 1);
            });
            Scoreboard words = bench.expecting("words");
            bench.source("transfers").offer(0, 3);
            words.expect(1, 0);
            words.expect(2, 0);
            words.expect(3, 1);
            bench.runUntil(words::isDone, 1000);
            assertEquals(1, bench.simulation().get("failed"));
        });
    }

    @Test
    void rowsOfABlockAreAStrideApart() {
        UnitRuns.of(Elaboration.of(() -> new StridedTransfers(32))).run(bench -> {
            Random random = bench.random();
            StreamSource blocks = bench.source("blocks");
            Scoreboard transfers = bench.expecting("transfers");
            int count = 0;
            while (count < WORDS) {
                long address = random.nextInt() & 0xFFFFFFFFL;
                long stride = random.nextInt() & 0xFFFFFFFFL;
                int words = 1 + random.nextInt((1 << 24) - 1);
                int rows = 1 + random.nextInt(30);
                blocks.offer(address, words, rows, stride);
                for (int r = 0; r < rows; r++) {
                    transfers.expect(address + r * stride & 0xFFFFFFFFL, words);
                }
                count += rows;
            }
            bench.runUntil(transfers::isDone, 60L * count);
        });
    }

    @Test
    void shapesThatAxiForbidsAreRefused() {
        assertEquals(
                "bursts of 256 words of 256 bits; a burst is a power of two of words, at most 256 and at most 4096 bytes",
                assertThrows(IllegalArgumentException.class, () -> new DmaShape(32, 256, 256, 4))
                        .getMessage());
    }
}
