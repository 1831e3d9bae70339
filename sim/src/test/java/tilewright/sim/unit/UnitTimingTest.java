package tilewright.sim.unit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tilewright.hw.lang.Elaboration;
import tilewright.hw.unit.NormCases;
import tilewright.hw.unit.RoutingCases;
import tilewright.hw.unit.UnitCase;
import tilewright.hw.unit.UnitCases;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.routing.Dispatcher;
import tilewright.hw.unit.routing.RouterUnit;
import tilewright.hw.unit.vector.NormUnit;
import tilewright.hw.unit.vector.RequantizerUnit;
import tilewright.sim.rtl.bench.Bench;
import tilewright.sim.rtl.bench.Engines;
import tilewright.sim.rtl.bench.Runs;

/** What the components' documentation says of their timing, without stalls. */
class UnitTimingTest {
    /** Clocks that iterations without a hardware multiplier may take longer. */
    private static int extra(Multiplier multiplier, int stages) {
        return multiplier == Multiplier.LOGIC ? stages : 0;
    }

    /** The cycle in which each word comes out of a port, the first words going in at cycle 0. */
    private static List<Long> cycles(UnitCase unitCase, String port) {
        List<Long> cycles = new ArrayList<>();
        Runs.of(Elaboration.of(unitCase.unit())).engines(Engines.java()).run(bench -> {
            cycles.clear();
            run(unitCase, bench, port, cycles);
        });
        return cycles;
    }

    private static void run(UnitCase unitCase, Bench bench, String port, List<Long> cycles) {
        unitCase.held().forEach((name, value) -> bench.simulation().set(name, value));
        unitCase.offered().forEach((name, words) -> VectorUnitsTest.offer(bench, name, words));
        for (String name : unitCase.expected().keySet()) {
            bench.sink(name, _ -> {
                if (name.equals(port)) {
                    cycles.add(bench.cycles());
                }
            });
        }
        int words = unitCase.expected().get(port).size();
        bench.runUntil(() -> cycles.size() == words, 100_000);
    }

    private static void passesAWordAtEveryClock(UnitCase unitCase, int latency) {
        List<Long> cycles = cycles(unitCase, "output");
        assertEquals(latency, cycles.getFirst(), unitCase + ", first");
        assertEquals(latency + cycles.size() - 1, cycles.getLast(), unitCase + ", last");
    }

    @ParameterizedTest
    @EnumSource(names = {"DSP48E1", "DSP48E2", "LOGIC"})
    void requantisersAndActivationsTakeAWordAtEveryClock(Multiplier multiplier) {
        RequantizerUnit.Widths widths = new RequantizerUnit.Widths(48, 16);
        passesAWordAtEveryClock(UnitCases.requantizer(widths, multiplier, 1, 100), 7 + extra(multiplier, 1));
        passesAWordAtEveryClock(UnitCases.evenResidual(multiplier, 1, 100), 13 + extra(multiplier, 2));
    }

    @ParameterizedTest
    @EnumSource(names = {"DSP48E1", "DSP48E2", "LOGIC"})
    void aRowOfLScoresTakesTwoLAndThirtyClocksAndRowsFollowOneAnotherEveryLClocks(Multiplier multiplier) {
        for (int length : new int[] {1, 14, 16, 197, 1024}) {
            int rows = 5;
            List<Long> cycles = cycles(UnitCases.softmaxRows(length, multiplier, length, rows), "probabilities");
            assertTrue(cycles.get(length - 1) < 2 * length + 30, length + " scores: " + cycles.get(length - 1));
            long period = Math.max(length, 14);
            assertEquals((rows - 1) * period, cycles.getLast() - cycles.get(length - 1), length + " scores");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DSP48E1", "DSP48E2", "LOGIC"})
    void aTokenIsRoutedWhileTheNextOnesScoresComeIn(Multiplier multiplier) {
        for (RouterUnit.Choice choice : List.of(
                new RouterUnit.Choice(8, 2, false),
                new RouterUnit.Choice(128, 8, false),
                new RouterUnit.Choice(128, 8, true))) {
            int tokens = 5;
            int topK = choice.topK();
            List<Long> cycles = cycles(RoutingCases.router(choice, multiplier, 1, tokens), "routes");
            long latest = choice.experts() - 1 + 32 + (choice.overSelected() ? topK : 0);
            assertTrue(cycles.getFirst() <= latest, choice + ": " + cycles.getFirst());
            assertEquals((tokens - 1L) * Math.max(choice.experts(), 14), cycles.getLast() - cycles.get(topK - 1));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DSP48E1", "DSP48E2", "LOGIC"})
    void rowsAreNormalisedWhileOthersAreSummed(Multiplier multiplier) {
        for (boolean centred : new boolean[] {true, false}) {
            NormUnit.Shape shape = new NormUnit.Shape(4, 768, 16, 8, centred);
            for (int features : new int[] {4, 128, 768}) {
                int rows = 5;
                int words = features / shape.lanes();
                List<Long> cycles = cycles(NormCases.norm(shape, features, multiplier, 1, rows), "results");
                long latest = words - 1 + (centred ? words + 100 : 80);
                assertTrue(cycles.getFirst() <= latest, shape + " of " + features + ": " + cycles.getFirst());
                assertEquals((rows - 1L) * Math.max(words, 32), cycles.getLast() - cycles.get(words - 1));
            }
        }
    }

    @Test
    void theExpertsAreListedBeforeTheirTokensComeAtEveryClock() {
        Dispatcher.Capacity capacity = new Dispatcher.Capacity(16, 129, 2, 22);
        UnitCase unitCase = RoutingCases.dispatcher(capacity, 129, 13, 2);
        int routes = 2 * 129;
        List<Long> visits = cycles(unitCase, "visits");
        long firstExpert = unitCase.expected().get("experts").getFirst().getFirst();
        assertEquals(routes - 1 + 4 + firstExpert, visits.getFirst());
        assertEquals(visits.getFirst() + routes - 1, visits.get(routes - 1));
        assertEquals(routes - 1 + 2 + firstExpert, cycles(unitCase, "experts").getFirst());
        assertTrue(visits.getLast() - visits.get(routes - 1) <= 2 * routes + capacity.experts());
    }
}
