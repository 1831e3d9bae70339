package tilewright.sim.unit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tilewright.hw.arith.Requantizer;
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
import tilewright.sim.rtl.bench.Scoreboard;
import tilewright.sim.rtl.bench.Stalls;
import tilewright.sim.rtl.bench.StreamSource;

/** Both engines in lockstep, and {@code tilewright.hw.arith} as the referee, bit for bit. */
@Tag("hardware-tools")
class VectorUnitsTest {
    /** Transfers of each component in each run. */
    private static final int TRANSFERS = 100_000;

    /** Offers what a case offers, and waits for all that is expected. */
    static void run(UnitCase unitCase, Bench bench) {
        unitCase.held().forEach((port, value) -> bench.simulation().set(port, value));
        List<BooleanSupplier> loading = new ArrayList<>();
        unitCase.loaded().forEach((port, words) -> loading.add(offer(bench, port, words)::isDone));
        bench.runUntil(() -> loading.stream().allMatch(BooleanSupplier::getAsBoolean), 100_000);
        unitCase.offered().forEach((port, words) -> offer(bench, port, words));
        List<BooleanSupplier> done = new ArrayList<>();
        unitCase.expected().forEach((port, words) -> {
            Scoreboard scoreboard = bench.expecting(port);
            words.forEach(word -> scoreboard.expect(values(word)));
            done.add(scoreboard::isDone);
        });
        bench.runUntil(() -> done.stream().allMatch(BooleanSupplier::getAsBoolean), 50L * unitCase.transfers());
    }

    /** Offers words, as lists of values, to a stream. */
    static StreamSource offer(Bench bench, String port, List<List<Long>> words) {
        StreamSource source = bench.source(port);
        words.forEach(word -> source.offer(values(word)));
        return source;
    }

    private static long[] values(List<Long> word) {
        return word.stream().mapToLong(Long::longValue).toArray();
    }

    static Stream<UnitCase> cases() {
        NormUnit.Shape layer = new NormUnit.Shape(4, 768, 16, 8, true);
        NormUnit.Shape wide = new NormUnit.Shape(1, 192, 24, 16, true);
        NormUnit.Shape rootMeanSquare = new NormUnit.Shape(8, 1024, 24, 16, false);
        return Stream.of(
                UnitCases.requantizer(new RequantizerUnit.Widths(32, 8), Multiplier.DSP48E2, 1, TRANSFERS),
                UnitCases.requantizer(new RequantizerUnit.Widths(48, 40), Multiplier.DSP48E1, 2, TRANSFERS),
                UnitCases.byteTable(3, TRANSFERS),
                UnitCases.evenResidual(Multiplier.DSP48E1, 4, TRANSFERS),
                UnitCases.softmax(16, Multiplier.LOGIC, 5, TRANSFERS),
                UnitCases.softmax(197, Multiplier.DSP48E2, 6, TRANSFERS),
                UnitCases.softmax(1024, Multiplier.DSP48E1, 7, TRANSFERS),
                RoutingCases.router(new RouterUnit.Choice(16, 2, false), Multiplier.DSP48E2, 8, TRANSFERS / 16),
                RoutingCases.router(new RouterUnit.Choice(128, 8, true), Multiplier.DSP48E1, 9, TRANSFERS / 128),
                NormCases.norm(layer, 768, Multiplier.DSP48E1, 10, 4 * TRANSFERS / 768),
                NormCases.norm(wide, 192, Multiplier.DSP48E2, 11, TRANSFERS / 192),
                NormCases.norm(rootMeanSquare, 1024, Multiplier.DSP48E2, 12, 8 * TRANSFERS / 1024),
                RoutingCases.dispatcher(new Dispatcher.Capacity(16, 129, 2, 22), 129, 13, TRANSFERS / 258),
                RoutingCases.dispatcher(new Dispatcher.Capacity(128, 512, 8, 22), 500, 14, TRANSFERS / 4000));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void unitsEqualTheIntegerSemanticsWhateverTheStalls(UnitCase unitCase) {
        assertTrue(unitCase.transfers() >= TRANSFERS, unitCase + " has " + unitCase.transfers());
        UnitRuns.of(Elaboration.of(unitCase.unit())).run(bench -> run(unitCase, bench));
    }

    static Stream<Requantizer> factors() {
        return Stream.of(
                new Requantizer(1 << 30, 31),
                new Requantizer(1 << 30, 37),
                new Requantizer(1 << 30, 30),
                new Requantizer(3 << 29, 40),
                new Requantizer(0, 0),
                Requantizer.of(0.00317));
    }

    @ParameterizedTest
    @MethodSource("factors")
    void everyAccumulatorOfSixteenBitsIsRequantised(Requantizer factor) {
        UnitCase unitCase = UnitCases.everyAccumulator(16, 8, factor);
        UnitRuns.of(Elaboration.of(unitCase.unit())).stalls(Stalls.NONE).run(bench -> run(unitCase, bench));
    }
}
