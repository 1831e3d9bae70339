package tilewright.hw.lang.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.hw.lang.ClockDomain;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Data;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.Type;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.Vec;

class StreamTest {
    private static final int WORDS = 400;

    /** One stream in, one out. */
    private static final class Line<T extends Data> extends Component {
        final Stream<UInt> words = in(Stream.of(uint(8)));
        final Stream<T> result;

        Line(Type<T> type, Function<Stream<UInt>, Stream<T>> function) {
            result = out(Stream.of(type));
            result.assign(function.apply(words));
        }
    }

    private static Supplier<Component> line(Function<Stream<UInt>, Stream<UInt>> function) {
        return () -> new Line<>(Component.uint(8), function);
    }

    private static List<List<Long>> words(long seed, int count) {
        Random random = new Random(seed);
        return random.longs(count, 0, 256).mapToObj(List::of).toList();
    }

    private static List<List<Long>> run(Supplier<Component> top, List<List<Long>> words, int stall) {
        StreamBench bench = new StreamBench(Elaboration.of(top), 7, stall);
        bench.offer("words", words);
        bench.run(words.size() * 20 + 100);
        return bench.taken("result");
    }

    private static void passesAll(Function<Stream<UInt>, Stream<UInt>> function, int stall) {
        List<List<Long>> words = words(stall, WORDS);
        assertEquals(words, run(line(function), words, stall));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void stagesPassEveryWordInOrder(int stall) {
        passesAll(Stream::stage, stall);
        passesAll(Stream::halfStage, stall);
        passesAll(Stream::skid, stall);
        passesAll(s -> s.skid().stage().halfStage().stage(), stall);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void queuesPassEveryWordInOrderWhateverTheirDepth(int stall) {
        for (int depth : new int[] {1, 2, 3, 5, 64, 65, 100, 128}) {
            passesAll(s -> s.fifo(depth), stall);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 16, 100})
    void aQueueFillsToItsDepthAndNoFurther(int depth) {
        StreamBench bench = new StreamBench(Elaboration.of(line(s -> s.fifo(depth))), 1, 100);
        bench.interpreter().set("words_valid", 1);
        for (int i = 0; i < depth; i++) {
            assertEquals(1, bench.interpreter().getLong("words_ready"), "after " + i);
            bench.interpreter().step();
        }
        bench.interpreter().step();
        assertEquals(0, bench.interpreter().getLong("words_ready"));
        assertEquals(depth, bench.interpreter().getLong("words_fifo.count"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 100})
    void aQueueAndAStagePassAWordAtEveryClock(int depth) {
        List<List<Long>> words = words(3, 200);
        StreamBench bench =
                new StreamBench(Elaboration.of(line(s -> s.stage().fifo(depth).skid())), 1, 0);
        bench.offer("words", words);
        bench.run(205);
        int least = depth == 1 ? 100 : 200;
        assertTrue(bench.taken("result").size() >= least, bench.taken("result").size() + " words");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void mapAndFilterChangeAndDropWords(int stall) {
        List<List<Long>> words = words(5, WORDS);
        List<List<Long>> expected = words.stream()
                .filter(w -> w.getFirst() % 2 == 1)
                .map(w -> List.of((w.getFirst() + 3) % 256))
                .toList();
        assertEquals(expected, run(line(s -> s.filter(w -> w.bit(0)).map(w -> w.plusMod(3))), words, stall));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void wideningGathersWordsAndNarrowingGivesThemBack(int stall) {
        for (int count : new int[] {1, 2, 3, 4}) {
            List<List<Long>> words = words(count, 12 * 20);
            List<List<Long>> vectors = new ArrayList<>();
            for (int i = 0; i < words.size(); i += count) {
                List<Long> vector = new ArrayList<>();
                words.subList(i, i + count).forEach(vector::addAll);
                vectors.add(vector);
            }
            Supplier<Component> wide =
                    () -> new Line<Vec<UInt>>(Component.vec(count, Component.uint(8)), s -> s.widen(count));
            assertEquals(vectors, run(wide, words, stall));
            assertEquals(words, run(line(s -> Stream.narrow(s.widen(count))), words, stall));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void forkedWordsReachEveryBranchAndJoinInPairs(int stall) {
        List<List<Long>> words = words(9, WORDS);
        List<List<Long>> expected =
                words.stream().map(w -> List.of(w.getFirst() * 2 % 256)).toList();
        assertEquals(
                expected,
                run(
                        line(s -> {
                            List<Stream<UInt>> branches = s.fork(2);
                            return branches.get(0)
                                    .stage()
                                    .join(branches.get(1).fifo(3))
                                    .map(p -> p.first.plusMod(p.second));
                        }),
                        words,
                        stall));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void arbitratedBranchesGiveEveryWordOnceAndEachBranchInOrder(int stall) {
        List<List<Long>> words = words(11, WORDS);
        for (boolean fair : new boolean[] {false, true}) {
            List<List<Long>> result = run(
                    line(s -> {
                        List<Stream<UInt>> branches = new ArrayList<>();
                        s.demux(3, w -> w.low(2)).forEach(branch -> branches.add(branch.fifo(4)));
                        return fair ? Stream.arbitrate(branches) : Stream.prioritise(branches);
                    }),
                    words,
                    stall);
            Comparator<List<Long>> byBranch = Comparator.comparing(w -> w.getFirst() % 4);
            List<List<Long>> expected = words.stream()
                    .filter(w -> w.getFirst() % 4 != 3)
                    .sorted(byBranch)
                    .toList();
            assertEquals(expected, result.stream().sorted(byBranch).toList());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void everyNthWordIsMarkedAsTheLast(int count) {
        List<List<Long>> words = words(13, 50);
        List<List<Long>> expected = LongStream.range(0, words.size())
                .mapToObj(i -> List.of(words.get((int) i).getFirst(), i % count == count - 1 ? 1L : 0L))
                .toList();
        assertEquals(expected, run(() -> new Line<>(Last.of(Component.uint(8)), s -> s.last(count)), words, 25));
    }

    private static final class Cross extends Component {
        final ClockDomain fast = ClockDomain.of("fast");
        final ClockDomain slow = ClockDomain.of("slow");
        final Stream<UInt> words = clockedBy(fast, () -> in(Stream.of(uint(8))));
        final Stream<UInt> result = clockedBy(slow, () -> out(Stream.of(uint(8))));
        final ClockCrossingFifo<UInt> fifo;

        Cross(int depth) {
            fifo = child(() -> new ClockCrossingFifo<>(uint(8), depth, fast, slow));
            fifo.input.assign(words);
            result.assign(fifo.output);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 16})
    void wordsCrossBetweenClocksOfAnyRatio(int depth) {
        for (long seed = 0; seed < 5; seed++) {
            List<List<Long>> words = words(seed, 200);
            Random random = new Random(seed);
            int slowPercent = 20 + random.nextInt(70);
            CrossBench bench = new CrossBench(depth, random, slowPercent);
            List<List<Long>> result = bench.pass(words);
            assertEquals(words, result, "seed " + seed + ", slow clock at " + slowPercent + " %");
        }
    }

    /** Two clocks whose edges come at random: a word passes on a side only at that side's edge. */
    private record CrossBench(int depth, Random random, int slowPercent) {
        List<List<Long>> pass(List<List<Long>> words) {
            StreamBench bench = new StreamBench(Elaboration.of(() -> new Cross(depth)), 1, 0);
            var dut = bench.interpreter();
            List<List<Long>> result = new ArrayList<>();
            int next = 0;
            for (int i = 0; i < 20_000 && result.size() < words.size(); i++) {
                boolean isFast = random.nextInt(100) >= slowPercent;
                if (isFast) {
                    dut.set("words_valid", next < words.size() && random.nextBoolean() ? 1 : 0);
                    dut.set(
                            "words_payload",
                            next < words.size() ? words.get(next).getFirst() : 0);
                    next += (int) (dut.getLong("words_valid") & dut.getLong("words_ready"));
                    dut.step("fast");
                } else {
                    dut.set("result_ready", random.nextBoolean() ? 1 : 0);
                    if ((dut.getLong("result_valid") & dut.getLong("result_ready")) == 1) {
                        result.add(List.of(dut.getLong("result_payload")));
                    }
                    dut.step("slow");
                }
            }
            return result;
        }
    }
}
