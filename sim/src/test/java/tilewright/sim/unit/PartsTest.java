package tilewright.sim.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.Types;
import tilewright.hw.unit.UnitCase;
import tilewright.hw.unit.pipeline.Divider;
import tilewright.hw.unit.pipeline.RowSum;
import tilewright.hw.unit.pipeline.SquareRoot;
import tilewright.hw.unit.routing.TopKUnit;
import tilewright.sim.rtl.bench.Bench;
import tilewright.sim.rtl.bench.Scoreboard;
import tilewright.sim.rtl.bench.StreamSource;

/** What units are built of, in both engines; the referee is the definition in Java's own arithmetic. */
@Tag("hardware-tools")
class PartsTest {
    /** Transfers of each part; what takes several clocks a word has them over all of its runs. */
    private static final int TRANSFERS = 100_000;

    private static UnitCase divider(int quotientBits, int divisorBits, int count) {
        SplittableRandom random = new SplittableRandom(1);
        List<List<Long>> divisions = new ArrayList<>();
        List<List<Long>> quotients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long divisor = i % 5 == 0 ? 1L << random.nextInt(divisorBits) : random.nextLong(1, 1L << divisorBits);
            long dividend = switch (i % 3) {
                case 0 -> random.nextLong(divisor << quotientBits);
                case 1 -> divisor * random.nextLong(1L << quotientBits);
                default -> divisor * random.nextLong(1L << quotientBits) + divisor - 1;
            };
            divisions.add(List.of(dividend, divisor, (long) i & 0xFF));
            quotients.add(List.of(dividend / divisor, (long) i & 0xFF));
        }
        return new UnitCase(
                "division of " + quotientBits + " by " + divisorBits + " bits",
                () -> new Divider<>(quotientBits, divisorBits, Types.uint(8)),
                Map.of("input", divisions),
                Map.of("output", quotients));
    }

    private static UnitCase squareRoot(int rootBits, int count) {
        SplittableRandom random = new SplittableRandom(2);
        List<List<Long>> squares = new ArrayList<>();
        List<List<Long>> roots = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long root = random.nextLong(1L << rootBits);
            long square = i % 4 == 0 ? root * root : random.nextLong(root * root, (root + 1) * (root + 1));
            squares.add(List.of(square, (long) i & 0xFF));
            roots.add(List.of(root, (long) i & 0xFF));
        }
        return new UnitCase(
                "square root of " + rootBits + " bits",
                () -> new SquareRoot<>(rootBits, Types.uint(8)),
                Map.of("input", squares),
                Map.of("output", roots));
    }

    private static UnitCase rowSum(int lanes, int count) {
        SplittableRandom random = new SplittableRandom(3);
        List<List<Long>> words = new ArrayList<>();
        List<List<Long>> sums = new ArrayList<>();
        while (words.size() < count) {
            long sum = -1234;
            int length = random.nextInt(1, 60);
            for (int i = 0; i < length; i++) {
                List<Long> word = new ArrayList<>();
                for (int lane = 0; lane < lanes; lane++) {
                    long value = random.nextInt(8) == 0 ? -2048 : random.nextLong(-2048, 2048);
                    word.add(value);
                    sum += value;
                }
                word.add(i == length - 1 ? 1L : 0);
                words.add(word);
            }
            sums.add(List.of(sum));
        }
        return new UnitCase(
                "sums of rows of " + lanes + " lanes",
                () -> new RowSum(lanes, 12, 24),
                Map.of("start", -1234L),
                Map.of(),
                Map.of("words", words),
                Map.of("sums", sums));
    }

    private static UnitCase topK(int experts, int topK, int count) {
        SplittableRandom random = new SplittableRandom(4);
        List<List<Long>> words = new ArrayList<>();
        List<List<Long>> selected = new ArrayList<>();
        while (words.size() < count) {
            int length = random.nextInt(topK, experts + 1);
            long spread = 1L << random.nextInt(1, 20);
            long[] scores = random.longs(length, -spread, spread).toArray();
            for (int i = 0; i < length; i++) {
                words.add(List.of(scores[i], i == length - 1 ? 1L : 0));
            }
            List<Long> best = new ArrayList<>();
            // A stable sort: of equal scores the first.
            IntStream.range(0, length)
                    .boxed()
                    .sorted(Comparator.comparing(i -> -scores[i]))
                    .limit(topK)
                    .forEach(i -> best.addAll(List.of((long) i, scores[i])));
            selected.add(best);
        }
        return new UnitCase(
                topK + " of " + experts,
                () -> new TopKUnit(experts, topK),
                Map.of("scores", words),
                Map.of("selected", selected));
    }

    static Stream<UnitCase> cases() {
        return Stream.of(
                divider(12, 10, TRANSFERS / 4),
                squareRoot(12, TRANSFERS / 4),
                rowSum(4, TRANSFERS),
                rowSum(3, TRANSFERS),
                topK(16, 4, TRANSFERS),
                topK(64, 8, TRANSFERS));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void partsEqualTheirDefinitionsWhateverTheStalls(UnitCase unitCase) {
        UnitRuns.of(Elaboration.of(unitCase.unit())).run(bench -> VectorUnitsTest.run(unitCase, bench));
    }

    /** Words that come in the order in which they went in among those of the same lowest two bits. */
    private static final class InOrder {
        private final long[] next = {0, 1, 2};
        private int count;

        void accept(long[] word) {
            int way = (int) word[0] & 3;
            assertEquals(next[way], word[0], "way " + way);
            next[way] += 4;
            count++;
        }
    }

    private static void combine(Bench bench) {
        StreamSource queued = bench.source("queued");
        StreamSource joined = bench.source("joined");
        StreamSource routed = bench.source("routed");
        StreamSource ranked = bench.source("ranked");
        Scoreboard queuedSeen = bench.expecting("queuedSeen");
        Scoreboard joinedSeen = bench.expecting("joinedSeen");
        InOrder inTurn = new InOrder();
        InOrder byRank = new InOrder();
        bench.sink("routedSeen", inTurn::accept);
        bench.sink("rankedSeen", byRank::accept);
        for (int i = 0; i < TRANSFERS; i++) {
            long word = bench.random().nextInt((1 << Combinators.BITS) - 1);
            queued.offer(word);
            if ((word & 1) == 1) {
                queuedSeen.expect(word + 1);
            }
            joined.offer(word);
            joinedSeen.expect(2 * word, i % 3 == 2 ? 1 : 0);
            routed.offer(i);
            ranked.offer(i);
        }
        int arriving = TRANSFERS / 4 * 3;
        bench.runUntil(
                () -> queuedSeen.isDone()
                        && joinedSeen.isDone()
                        && inTurn.count == arriving
                        && byRank.count == arriving,
                30L * TRANSFERS);
    }

    @Test
    void everyCombinatorOfStreamsKeepsTheWordsAndTheirOrder() {
        UnitRuns.of(Elaboration.of(Combinators::new)).run(PartsTest::combine);
    }
}
