package tilewright.sim.rtl.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tilewright.hw.lang.Bool;
import tilewright.hw.lang.ClockDomain;
import tilewright.hw.lang.Component;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.lang.UInt;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.stream.ClockCrossingFifo;
import tilewright.hw.lang.stream.Stream;
import tilewright.sim.rtl.SimulationOptions;
import tilewright.sim.rtl.Tools;
import tilewright.sim.rtl.verilator.VerilatorEngine;

class StreamBenchTest {
    /** A queue that adds one. */
    static final class Queue extends Component {
        final Stream<UInt> input = in(Stream.of(uint(16)));
        final Stream<UInt> output = out(Stream.of(uint(16)));

        Queue() {
            output.assign(input.map(x -> x.plusMod(1)).fifo(4));
        }
    }

    /** A queue that, from its 50th word on, adds two. */
    static final class Wrong extends Component {
        final Stream<UInt> input = in(Stream.of(uint(16)));
        final Stream<UInt> output = out(Stream.of(uint(16)));
        private final UInt count = reg(uint(8), 0);

        Wrong() {
            when(input.fires(), () -> count.assign(count.plusMod(1)));
            output.assign(input.map(x -> mux(count.ge(50), x.plusMod(2), x.plusMod(1)))
                    .stage());
        }
    }

    /** Offers a word at every third clock, taken or not. */
    static final class Withdraws extends Component {
        final Stream<UInt> output = out(Stream.of(uint(8)));
        private final UInt count = reg(uint(2), 0);

        Withdraws() {
            count.assign(mux(count.eq(2), u(0, 2), count.plusMod(1)));
            output.valid.assign(count.eq(2));
            output.payload.assign(u(7, 8));
        }
    }

    /** Offers a word that changes while it waits. */
    static final class Changes extends Component {
        final Stream<UInt> output = out(Stream.of(uint(8)));
        private final UInt count = reg(uint(8), 0);

        Changes() {
            count.assign(count.plusMod(1));
            output.valid.assign(true);
            output.payload.assign(count);
        }
    }

    /** Stops itself at the third word. */
    static final class Stops extends Component {
        final Stream<UInt> input = in(Stream.of(uint(8)));
        final Bool seen = out(bool());
        private final UInt count = reg(uint(8), 0);

        Stops() {
            input.ready.assign(true);
            seen.assign(input.payload.eq(1));
            when(input.fires(), () -> count.assign(count.plusMod(1)));
            assertThat(count.lt(3), "three words came");
        }
    }

    /** A queue from one clock to another. */
    static final class Crossing extends Component {
        static final ClockDomain FAST = ClockDomain.of("fast");
        final Stream<UInt> input = in(Stream.of(uint(8)));
        final Stream<UInt> output = clockedBy(FAST, () -> out(Stream.of(uint(8))));

        Crossing() {
            ClockCrossingFifo<UInt> fifo = child(() -> new ClockCrossingFifo<>(uint(8), 8, currentClock(), FAST));
            fifo.input.assign(input);
            output.assign(fifo.output);
        }
    }

    private static void transfers(Bench bench, int words) {
        StreamSource input = bench.source("input");
        Scoreboard output = bench.expecting("output");
        for (int i = 0; i < words; i++) {
            long x = bench.random().nextInt(1 << 16);
            input.offer(x);
            output.expect((x + 1) & 0xffff);
        }
        bench.runUntil(output::isDone, 40L * words + 100);
        assertEquals(words, output.matched());
    }

    @Test
    void wordsPassAQueueUnderEveryKindOfStallsInBothEngines() {
        Tools.assumeVerilator();
        Design design = Elaboration.of(Queue::new);
        Runs.of(design)
                .seeds(1, 2)
                .stalls(Stalls.NONE, Stalls.of(0.25), Stalls.of(0.75), Stalls.bursts(0.5, 8))
                .run(bench -> transfers(bench, 5000));
    }

    @Test
    void stallsLastAsLongAndAreAsFrequentAsAsked() {
        for (Stalls stalls :
                List.of(Stalls.of(0.25), Stalls.of(0.75), Stalls.bursts(0.25, 10), Stalls.bursts(0.5, 4))) {
            var pattern = stalls.pattern(new java.util.Random(7));
            int stalled = 0;
            int begun = 0;
            boolean before = false;
            for (int i = 0; i < 200_000; i++) {
                boolean now = pattern.getAsBoolean();
                stalled += now ? 1 : 0;
                begun += now && !before ? 1 : 0;
                before = now;
            }
            assertEquals(stalls.probability(), stalled / 200_000.0, 0.02, stalls.toString());
            if (stalls.meanLength() > 0) {
                assertEquals(stalls.meanLength(), (double) stalled / begun, 0.5, stalls.toString());
            }
        }
    }

    @Test
    void everyPatternOfStallsIsSeenAndCounted() {
        Design design = Elaboration.of(Queue::new);
        Runs.of(design).engines(Engines.java()).stalls(Stalls.of(0.5)).run(bench -> {
            StreamMonitor monitor = bench.monitor("input");
            transfers(bench, 3000);
            assertEquals(Set.of(), monitor.coverage().missing());
            assertEquals(3000, monitor.coverage().transfers());
        });
        Runs.of(design).engines(Engines.java()).run(bench -> {
            StreamMonitor monitor = bench.monitor("input");
            transfers(bench, 300);
            assertTrue(monitor.coverage().missing().contains(StallCoverage.Pattern.WAIT_FOR_READY));
        });
    }

    @Test
    void aWithdrawnWordIsFound(@TempDir Path folder) {
        BenchFailure failure = assertThrows(
                BenchFailure.class,
                () -> Runs.of(Elaboration.of(Withdraws::new))
                        .engines(Engines.java())
                        .stalls(Stalls.of(0.75))
                        .failuresIn(folder)
                        .run(bench -> {
                            bench.sink("output");
                            bench.run(1000);
                        }));
        assertTrue(
                failure.getMessage()
                        .matches(
                                "Withdraws \\(java, seed 1, stalls 75%\\), cycle \\d+: stream 'output': valid fell before"
                                        + " ready rose; it offered \\{payload=7}; for a trace run: tilewright wave .* --failing"),
                failure.getMessage());
    }

    @Test
    void aWordThatChangesWhileItWaitsIsFound(@TempDir Path folder) {
        BenchFailure failure = assertThrows(
                BenchFailure.class,
                () -> Runs.of(Elaboration.of(Changes::new))
                        .engines(Engines.java())
                        .seeds(5)
                        .stalls(Stalls.of(0.5))
                        .failuresIn(folder)
                        .run(bench -> {
                            bench.sink("output");
                            bench.run(1000);
                        }));
        assertTrue(
                failure.getMessage().matches(".*seed 5.*the word changed from \\{payload=\\d+} to \\{payload=\\d+}.*"),
                failure.getMessage());
    }

    @Test
    void aWrongWordLeavesARecordThatIsTracedUnderVerilator(@TempDir Path folder) throws Exception {
        Tools.assumeVerilator();
        BenchFailure failure = assertThrows(
                BenchFailure.class,
                () -> Runs.of(Elaboration.of(Wrong::new))
                        .seeds(9)
                        .stalls(Stalls.of(0.25))
                        .failuresIn(folder)
                        .run(bench -> transfers(bench, 100)));
        assertTrue(failure.getMessage().contains("word 50 is {payload="), failure.getMessage());

        List<Path> records = FailureRecord.folders(folder);
        assertEquals(List.of(folder.resolve("Wrong-seed9-stalls25")), records);
        FailureRecord record = FailureRecord.read(records.getFirst());
        assertEquals(9, record.seed());
        Path trace = records.getFirst().resolve(FailureRecord.TRACE);
        long cycles =
                Replay.run(records.getFirst(), SimulationOptions.defaults().traced(trace), new VerilatorEngine());

        // The message says the cycle since the reset, which takes one.
        assertTrue(failure.getMessage().contains("cycle " + (cycles - 2) + ":"), cycles + " " + failure.getMessage());
        String text = Files.readString(trace);
        assertTrue(text.contains("$var wire  8 ") && text.contains(" count [7:0] $end"), "the register is traced");

        String java = Files.readString(records.getFirst().resolve(FailureRecord.JAVA_TRACE));
        assertTrue(java.contains(" count [7:0] $end"), "the register is traced by the other engine, too");
        // 10 ns to a cycle: the last edge is that of the last cycle.
        assertTrue(java.contains("#" + (10 * (cycles - 1) + 5) + "\n"), "as many cycles as under Verilator");
        assertTrue(!java.contains("#" + (10 * cycles + 5) + "\n"), "and no more");
    }

    @Test
    void anAssertionOfTheDesignFailsTheBenchInEitherEngine(@TempDir Path folder) {
        Tools.assumeVerilator();
        for (var engines : List.of(Engines.java(), Engines.verilator())) {
            BenchFailure failure = assertThrows(
                    BenchFailure.class,
                    () -> Runs.of(Elaboration.of(Stops::new))
                            .engines(engines)
                            .failuresIn(folder)
                            .run(bench -> {
                                StreamSource input = bench.source("input");
                                for (int i = 0; i < 10; i++) {
                                    input.offer(i);
                                }
                                bench.run(20);
                            }));
            assertTrue(failure.getMessage().contains("three words came"), failure.getMessage());
            assertTrue(failure.getMessage().contains("cycle 3: "), failure.getMessage());
            assertTrue(failure.getMessage().contains("StreamBenchTest.java:"), failure.getMessage());
        }
    }

    @Test
    void streamsOfTwoClocksAreDrivenAtTheirOwnEdges() {
        Tools.assumeVerilator();
        Runs.of(Elaboration.of(Crossing::new))
                .seeds(1, 2, 3)
                .stalls(Stalls.NONE, Stalls.of(0.5))
                .run(bench -> {
                    StreamSource input = bench.source("input");
                    Scoreboard output = bench.expecting("output");
                    for (int i = 0; i < 500; i++) {
                        long x = bench.random().nextInt(256);
                        input.offer(x);
                        output.expect(x);
                    }
                    bench.runUntilAtRandomClocks(output::isDone, 50_000);
                });
    }

    @Test
    void aBenchThatDoesNotEndSaysSo(@TempDir Path folder) {
        BenchFailure failure = assertThrows(
                BenchFailure.class,
                () -> Runs.of(Elaboration.of(Queue::new))
                        .engines(Engines.java())
                        .failuresIn(folder)
                        .run(bench -> {
                            Scoreboard output = bench.expecting("output");
                            output.expect(1);
                            bench.runUntil(output::isDone, 100);
                        }));
        assertTrue(failure.getMessage().contains("not done after 100 cycles"), failure.getMessage());
    }

    @Test
    void aStreamThatIsNotThereIsNamedWithThoseThatAre(@TempDir Path folder) {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> Runs.of(Elaboration.of(Queue::new))
                        .engines(Engines.java())
                        .run(bench -> bench.source("inputs")));
        assertEquals(
                "design 'Queue' has no stream 'inputs' at its ports; its streams are [input, output]",
                refused.getMessage());
    }
}
