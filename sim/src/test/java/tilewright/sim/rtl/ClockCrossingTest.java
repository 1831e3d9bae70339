package tilewright.sim.rtl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.design.Design;
import tilewright.sim.rtl.bench.Agent;
import tilewright.sim.rtl.bench.Bench;
import tilewright.sim.rtl.bench.Runs;
import tilewright.sim.rtl.bench.Scoreboard;
import tilewright.sim.rtl.bench.Stalls;
import tilewright.sim.rtl.bench.StreamSource;

/** What crosses from one clock into another arrives once, in order and unchanged, whatever the clocks' ratio and phase. */
class ClockCrossingTest {
    private static final int WORDS = 1_200;
    private static final int LATENCY = 3;

    @BeforeAll
    static void needVerilator() {
        Tools.assumeVerilator();
    }

    /**
     * The writer's and the reader's clock, up to 16 times apart and from any phase on; one and then the other is the slower,
     * and at seed 1 they rise together.
     */
    private static final class Clocks {
        static final int WRITER = 0;
        static final int READER = 1;
        final Bench bench;
        final int[] clocks;
        final double[] periods = {1, 1};
        final double[] next = {0, 0};

        Clocks(Bench bench) {
            this.bench = bench;
            clocks = new int[] {
                bench.simulation().clock("writer"), bench.simulation().clock("reader")
            };
            if (bench.seed() > 1) {
                int slow = (int) (bench.seed() % 2);
                periods[slow] = Math.pow(16, bench.random().nextDouble());
                next[slow] = bench.random().nextDouble() * periods[slow];
            }
        }

        /** The next edge, or both at once. */
        void edge() {
            if (next[0] == next[1]) {
                bench.cycle();
                next[0] += periods[0];
                next[1] += periods[1];
            } else {
                int first = next[0] < next[1] ? 0 : 1;
                bench.cycle(clocks[first]);
                next[first] += periods[first];
            }
        }

        /** So many edges of either clock, and more of the faster one. */
        void rest(int edges) {
            double end = Math.max(next[0] + edges * periods[0], next[1] + edges * periods[1]);
            while (Math.min(next[0], next[1]) < end) {
                edge();
            }
        }

        void until(BooleanSupplier done, long most) {
            for (long i = 0; !done.getAsBoolean(); i++) {
                if (i == most) {
                    throw bench.failure("not done after " + most + " edges");
                }
                edge();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 16})
    void wordsArriveOnceAndInOrderAtRandomRatiosAndStalls(int depth) {
        Design design = Elaboration.of(() -> new Crossings(depth));
        Runs.of(design)
                .seeds(1, 2, 3, 4, 5)
                .stalls(Stalls.NONE, Stalls.of(0.25), Stalls.of(0.75))
                .run(bench -> {
                    Clocks clocks = new Clocks(bench);
                    Scoreboard there = words(bench, "there", 40);
                    Scoreboard back = words(bench, "back", 7);
                    clocks.until(() -> there.isDone() && back.isDone(), 1_000L * WORDS);
                    assertEquals(WORDS, there.matched());
                    assertEquals(WORDS, back.matched());
                });
    }

    @Test
    void aFifoOfEightPassesAWordAtEveryClock() {
        Runs.of(Elaboration.of(() -> new Crossings(8))).run(bench -> {
            Scoreboard there = words(bench, "there", 40);
            bench.runUntil(there::isDone, WORDS + LATENCY + 1);
        });
    }

    private static Scoreboard words(Bench bench, String stream, int bits) {
        StreamSource source = bench.source(stream);
        Scoreboard seen = bench.expecting(stream + "Seen");
        for (int i = 0; i < WORDS; i++) {
            long word = bench.random().nextLong() >>> 64 - bits;
            source.offer(word);
            seen.expect(word);
        }
        return seen;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void aWordIsShownAtMostThreeOfTheReadersClocksAfterItCame(long seed) {
        Runs.of(Elaboration.of(() -> new Crossings(4))).seeds(seed).run(bench -> {
            Clocks clocks = new Clocks(bench);
            Simulation simulation = bench.simulation();
            int valid = simulation.port("there_valid");
            int shown = simulation.port("thereSeen_valid");
            simulation.set("there_payload", 42);
            simulation.set("thereSeen_ready", 1);
            for (int word = 0; word < 200; word++) {
                // A word enters at the writer's next edge; an edge of both counts for neither side.
                simulation.set(valid, 1);
                while (clocks.next[Clocks.WRITER] > clocks.next[Clocks.READER]) {
                    clocks.edge();
                }
                clocks.edge();
                simulation.set(valid, 0);
                int edges = 0;
                while (simulation.get(shown) == 0) {
                    edges += clocks.next[Clocks.READER] <= clocks.next[Clocks.WRITER] ? 1 : 0;
                    clocks.edge();
                    assertTrue(
                            edges <= LATENCY,
                            () -> bench.failure("a word is not shown in time").getMessage());
                }
                clocks.rest(5 + bench.random().nextInt(3));
            }
        });
    }

    /** Raises the strobe for single cycles of the writer, more than three of the reader's cycles apart. */
    private static final class Strobes implements Agent {
        private final Bench bench;
        private final int least;
        private final int strobe;
        private int wait;
        private boolean isHigh;
        private int sent;

        Strobes(Bench bench, Clocks clocks) {
            this.bench = bench;
            least = (int) Math.ceil(3 * clocks.periods[Clocks.READER] / clocks.periods[Clocks.WRITER]);
            strobe = bench.simulation().port("strobe");
        }

        @Override
        public int clock() {
            return bench.simulation().clock("writer");
        }

        @Override
        public void drive() {
            isHigh = wait-- <= 0 && sent < 1_000;
            bench.simulation().set(strobe, isHigh ? 1 : 0);
            if (isHigh) {
                wait = least + bench.random().nextInt(5);
                sent++;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyPulseIsSeenOnceAtRandomRatios(long seed) {
        Runs.of(Elaboration.of(() -> new Crossings(2))).seeds(seed).run(bench -> {
            Clocks clocks = new Clocks(bench);
            Strobes strobes = bench.add(new Strobes(bench, clocks));
            clocks.until(() -> strobes.sent == 1_000 && !strobes.isHigh, 1_000_000);
            clocks.rest(5);
            assertEquals(1_000, bench.simulation().get("pulses"));
        });
    }
}
