package tilewright.hw.unit;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tilewright.hw.unit.pipeline.Multiplier;
import tilewright.hw.unit.routing.Dispatcher;
import tilewright.hw.unit.routing.RouterUnit;

/** The referee is {@code tilewright.hw.arith} and the golden machine's routing. */
class RoutingUnitsTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void routersSelectAndWeighAsTheIntegerSemantics(int stall) {
        for (boolean overSelected : new boolean[] {false, true}) {
            for (int[] size : new int[][] {{16, 2}, {5, 4}, {3, 1}}) {
                RouterUnit.Choice choice = new RouterUnit.Choice(size[0], size[1], overSelected);
                UnitBench.check(RoutingCases.router(choice, Multiplier.DSP48E2, size[0], 8), stall, stall);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 25, 75})
    void dispatchersListTheExpertsWithTokensAndGiveEachItsTokensInOrder(int stall) {
        Dispatcher.Capacity small = new Dispatcher.Capacity(16, 24, 2, 20);
        UnitBench.check(RoutingCases.dispatcher(small, 24, 1, 5), stall, stall);
        UnitBench.check(RoutingCases.dispatcher(small, 7, 2, 6), stall, stall);
        UnitBench.check(RoutingCases.dispatcher(new Dispatcher.Capacity(5, 9, 3, 8), 9, 3, 6), stall, stall);
        UnitBench.check(RoutingCases.dispatcher(new Dispatcher.Capacity(2, 1, 1, 8), 1, 5, 4), stall, stall);
    }
}
