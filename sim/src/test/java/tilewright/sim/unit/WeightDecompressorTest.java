package tilewright.sim.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tilewright.hw.arith.WeightGroup;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.unit.memory.WeightDecompressor;
import tilewright.hw.unit.memory.WeightLayout;
import tilewright.sim.rtl.Words;
import tilewright.sim.rtl.bench.Bench;
import tilewright.sim.rtl.bench.Scoreboard;
import tilewright.sim.rtl.bench.Stalls;
import tilewright.sim.rtl.bench.StreamSource;

@Tag("hardware-tools")
class WeightDecompressorTest {
    private static final int ROWS = 36_000;

    /** A weight by decimal arithmetic. */
    private static long weight(int code, int scale, int minimum) {
        BigDecimal exact =
                BigDecimal.valueOf(code).multiply(BigDecimal.valueOf(scale)).divide(BigDecimal.valueOf(256));
        long rounded = exact.setScale(0, RoundingMode.HALF_EVEN).longValueExact() + minimum;
        return Math.max(-128, Math.min(127, rounded));
    }

    /** A scale that reaches most of an int8's range, or any. */
    private static WeightGroup group(Random random, int bits) {
        int usual = 1 + random.nextInt((int) (255 * 256.0 / ((1 << bits) - 1)));
        int scale = random.nextInt(4) == 0 ? random.nextInt(1 << 16) : usual;
        return new WeightGroup(scale, random.nextInt(256) - 128);
    }

    private static long[] longs(BigInteger word, WeightLayout layout) {
        return Words.of(word, (layout.wordBits() + 63) / 64);
    }

    private static void decompress(Bench bench, WeightLayout layout, int rows, int fixedBits) {
        Random random = bench.random();
        StreamSource jobs = bench.source("jobs");
        StreamSource words = bench.source("words");
        Scoreboard weights = bench.expecting("weights");
        int[] widths = {8, 4, 3, 2, 1, 5, 6, 7};
        for (int done = 0; done < rows; ) {
            int bits = fixedBits > 0 ? fixedBits : widths[random.nextInt(widths.length)];
            int blocks = 1 + random.nextInt(4);
            jobs.offer(bits, blocks);
            for (int i = 0; i < blocks; i++) {
                List<WeightGroup> groups = new ArrayList<>();
                for (int lane = 0; lane < layout.lanes(); lane++) {
                    groups.add(group(random, bits));
                }
                int[][] codes = new int[layout.groupRows()][layout.lanes()];
                for (int[] row : codes) {
                    long[] expected = new long[layout.lanes()];
                    for (int lane = 0; lane < layout.lanes(); lane++) {
                        row[lane] = random.nextInt(1 << bits);
                        WeightGroup group = groups.get(lane);
                        expected[lane] = weight(row[lane], group.scale(), group.minimum());
                    }
                    weights.expect(expected);
                }
                layout.pack(groups, codes, bits).forEach(word -> words.offer(longs(word, layout)));
                done += layout.groupRows();
            }
        }
        bench.runUntil(weights::isDone, 60L * rows);
    }

    @ParameterizedTest
    @CsvSource({"16, 128, 32", "8, 64, 8", "4, 8, 6", "1, 32, 64"})
    void weightsOfEightToOneBitsAreThoseOfTheirGroupsUnderStalls(int lanes, int wordBits, int groupRows) {
        WeightLayout layout = new WeightLayout(lanes, wordBits, groupRows);
        UnitRuns.of(Elaboration.of(() -> new WeightDecompressor(layout)))
                .run(bench -> decompress(bench, layout, ROWS, 0));
    }

    @ParameterizedTest
    @CsvSource({"2, 1.0", "4, 1.0", "8, 0.9"})
    void aRowLeavesAtEveryClockUnlessMemoryIsSlower(int bits, double rowsPerClock) {
        WeightLayout layout = new WeightLayout(16, 128, 128);
        UnitRuns.of(Elaboration.of(() -> new WeightDecompressor(layout)))
                .stalls(Stalls.NONE)
                .run(bench -> {
                    StreamSource words = bench.source("words");
                    int blocks = 20;
                    bench.source("jobs").offer(bits, blocks);
                    int[] count = {0};
                    bench.sink("weights", _ -> count[0]++);
                    for (int i = 0; i < blocks * layout.words(bits); i++) {
                        words.offer(0, 0);
                    }
                    int rows = blocks * layout.groupRows();
                    bench.runUntil(() -> count[0] == rows, 10L * rows);
                    long slack = bench.cycles() - Math.round(rows / rowsPerClock);
                    assertEquals(true, slack < 32, () -> rows + " rows in " + bench.cycles() + " clocks");
                });
    }

    @Test
    void layoutsThatLeaveAWordHalfUsedAreRefused() {
        assertEquals(
                "blocks of 32 rows of 16 weights in words of 48 bits; a word must hold one bit of 2, 4, 8, ... rows, and a "
                        + "block whole words",
                assertThrows(IllegalArgumentException.class, () -> new WeightLayout(16, 48, 32))
                        .getMessage());
    }
}
